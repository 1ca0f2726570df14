package main

import "github.com/hinomi-watch/hinomi/backend/internal/api"

func (s *service) reports() api.Reports { return nil }
