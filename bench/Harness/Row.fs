/// What is measured.
namespace Functional.Bench

/// One thing to do, written once for libtorch and once for us. Each does it completely: nothing may be left put off, and what
/// is computed is given back. Ours is none where the library cannot do it yet.
type Work = { Torch: unit -> unit; Ours: (unit -> unit) option }

/// A line of the table. The tensors are made by `Prepare`, so that only the row being measured holds memory.
type Row = { Topic: string; Name: string; Prepare: unit -> Work }

/// Something done so many times that memory which is not given back shows.
type Endurance =
    {
        Name: string
        WarmUp: int
        Steps: int
        /// Makes the network and returns its training step.
        Prepare: unit -> unit -> unit
    }

module Row =
    let make topic name prepare = { Topic = topic; Name = name; Prepare = prepare }
