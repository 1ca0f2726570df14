package main

import (
	"net/http"
	"net/http/pprof"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/hinomi-watch/hinomi/backend/internal/postgres"
	"github.com/hinomi-watch/hinomi/backend/internal/watch"
)

// adminHandler serves /metrics and pprof; it is for the operator's own network.
func adminHandler(w *watch.Watch, r *postgres.Recorder, more ...prometheus.Collector) http.Handler {
	reg := prometheus.NewRegistry()
	reg.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	reg.MustRegister(more...)
	registerWatch(reg, w)
	registerRecorder(reg, r)
	mux := http.NewServeMux()
	mux.Handle("/metrics", promhttp.HandlerFor(reg, promhttp.HandlerOpts{}))
	mux.HandleFunc("/debug/pprof/", pprof.Index)
	mux.HandleFunc("/debug/pprof/cmdline", pprof.Cmdline)
	mux.HandleFunc("/debug/pprof/profile", pprof.Profile)
	mux.HandleFunc("/debug/pprof/symbol", pprof.Symbol)
	mux.HandleFunc("/debug/pprof/trace", pprof.Trace)
	return mux
}

func counter(name, help string, value func() int64) prometheus.Collector {
	return prometheus.NewCounterFunc(prometheus.CounterOpts{Name: "hinomi_" + name, Help: help}, func() float64 { return float64(value()) })
}

func gauge(name, help string, value func() float64) prometheus.Collector {
	return prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: "hinomi_" + name, Help: help}, value)
}

func registerWatch(reg prometheus.Registerer, w *watch.Watch) {
	c := w.Counters()
	reg.MustRegister(
		gauge("monitors_watched", "Active monitors.", func() float64 { return float64(w.Watched()) }),
		gauge("interval_effective_seconds", "Interval with its present stretch.", func() float64 { return w.EffectiveInterval().Seconds() }),
		gauge("results_waiting", "Results that are not recorded yet.", func() float64 { return float64(w.Waiting()) }),
		counter("results_dropped_total", "Results given up while the database was away.", w.Dropped),
		counter("probes_started_total", "Probes handed to the prober.", c.Started.Load),
		counter("probes_finished_total", "Probes with a result.", c.Finished.Load),
		counter("checks_skipped_total", "Checks that fell out because the one before was under way.", c.Skipped.Load),
		counter("clock_jumps_total", "Times the clock jumped or the process stood still.", c.Jumps.Load),
	)
}

func registerRecorder(reg prometheus.Registerer, r *postgres.Recorder) {
	c := r.Counters()
	reg.MustRegister(
		counter("results_recorded_total", "Results written.", c.Recorded.Load),
		counter("results_stale_total", "Results dropped: another generation, or the monitor is gone.", c.Stale.Load),
		counter("samples_too_old_total", "Samples discarded beyond retention.", c.TooOld.Load),
		counter("batches_repeated_total", "Batches found committed after an error at COMMIT.", c.Repeated.Load),
		counter("batches_rejudged_total", "Batches judged again because a row had changed.", c.Rejudged.Load),
		counter("alerts_total", "Alert events written.", c.Alerts.Load),
	)
}

// newHTTPServer has timeouts that end slow clients; handlers that stream set
// their own write deadlines.
func newHTTPServer(h http.Handler) *http.Server {
	return &http.Server{
		Handler: h, ReadHeaderTimeout: 5 * time.Second, ReadTimeout: 15 * time.Second, IdleTimeout: 2 * time.Minute,
		MaxHeaderBytes: 32 << 10,
	}
}
