/// What ours must do for long, and at once.
module Functional.Bench.Rows.Lasting

open Functional.Bench

/// Training steps that must hold memory constant with no Dispose anywhere.
let endurance: Endurance list = []

/// Makes a small network, computes the gradient of its parameters and reads it.
let firstGradient: (unit -> unit) option = None
