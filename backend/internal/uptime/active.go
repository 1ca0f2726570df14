package uptime

// ActiveBlockIDs is how many monitor ids in a row an ActiveBlock spans.
const ActiveBlockIDs = 4096

// activeMix keeps the products in an ActiveBlock small.
const activeMix = 1_000_003

// ActiveBlock sums up the active monitors of one stretch of ids, so that two
// sides can find out where they differ without naming each: any one change
// shows, and so do several unless all four sums happen to cancel out.
type ActiveBlock struct {
	Monitors    int64 `db:"monitors"`
	IDs         int64 `db:"ids"`         // sum of the ids
	Generations int64 `db:"generations"` // sum of the generations
	Mixed       int64 `db:"mixed"`       // sum of (id mod 1,000,003) × generation
}

// Add counts a monitor in; with by = -1 it is taken out again.
func (b *ActiveBlock) Add(id int64, generation int32, by int64) {
	b.Monitors += by
	b.IDs += by * id
	b.Generations += by * int64(generation)
	b.Mixed += by * (id % activeMix) * int64(generation)
}
