package main

// stopAfter is how many failures stop a monitor now; 0 is none.
func (s *service) stopAfter() int {
	if set := s.settings.Settings().StopAfter; set != nil {
		return *set
	}
	return s.cfg.Policy.FailuresToStop
}
