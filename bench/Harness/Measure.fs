/// How a row is measured: blocks of libtorch and blocks of ours take turns, with pauses between them, because threads of the one
/// that still spin would slow the other down. The figure is the median over all samples.
module Functional.Bench.Measure

open System
open System.Threading

type Plan =
    {
        Threads: int
        Clock: Clock
        /// How often both sides take a turn.
        Rounds: int
        /// Microseconds of work in one block, in what of it does not count, and in one sample.
        Block: float
        Settling: float
        Sample: float
        /// Milliseconds between blocks.
        Pause: int
        /// Microseconds that libtorch works before it counts.
        WarmPeer: float
        /// The same for us: .NET compiles what is called often a second and a third time, half a second into the work. A training step is
        /// thousands of calls of hundreds of functions, and each is compiled when its turn comes: seconds.
        Warm: float
        /// So many calls of ours belong to that, unless they take longer than the limit, in microseconds.
        WarmCalls: int
        WarmLimit: float
    }

let plan threads clock quick =
    { Threads = threads
      Clock = clock
      Rounds = if quick then 3 else 7
      Block = if quick then 10_000.0 else 20_000.0
      Settling = if quick then 5_000.0 else 10_000.0
      Sample = 50.0
      Pause = if threads = 1 then 2 else 40
      WarmPeer = 200_000.0
      Warm = 900_000.0
      WarmCalls = 150
      WarmLimit = 6_000_000.0 }

/// Microseconds for both sides.
type Result = { Torch: float; Ours: float option }

let median (values: float seq) =
    let sorted = Seq.sort values |> Seq.toArray

    if sorted.Length % 2 = 1 then
        sorted[sorted.Length / 2]
    else
        (sorted[sorted.Length / 2 - 1] + sorted[sorted.Length / 2]) / 2.0

/// Microseconds of one call, over `calls` calls.
let private time clock calls (work: unit -> unit) =
    let start = Clock.now clock

    for _ in 1..calls do
        work ()

    (Clock.now clock - start) / float calls

/// Runs for so long and so often, and returns how many calls make one sample.
let private settle (plan: Plan) (warm, warmCalls) work =
    let rec again calls made spent =
        let start = Clock.now Wall
        let each = time Wall calls work
        let made, spent = made + calls, spent + Clock.now Wall - start
        let isWarm = spent > warm && (made >= warmCalls || spent > plan.WarmLimit)
        let enough = each * float calls >= plan.Sample && isWarm

        if enough || calls >= 3 && isWarm && spent > 3.0 * warm then
            max 1 (int (ceil (plan.Sample / max each 1e-3)))
        else
            again (if each * float calls < plan.Sample then calls * 2 else max calls 3) made spent

    again 1 0 0.0

/// The samples of one block. The first calls, which find the other side's data in the caches, do not count: libtorch has found its
/// memory again after one of them, we after as many as results go round in the pool, some thirty of 4 MB.
let private block plan calls work =
    let start = Clock.now Wall
    work ()

    while Clock.now Wall - start < plan.Settling do
        work ()

    let rec sample taken spent =
        let each = time plan.Clock calls work
        let taken = each :: taken
        let spent = spent + each * float calls

        if spent < plan.Block || taken.Length < 3 then sample taken spent else taken

    sample [] 0.0

let private turns plan (sides: (unit -> unit) list) =
    let counted =
        sides
        |> List.mapi (fun i work -> work, settle plan (if i = 0 then (plan.WarmPeer, 0) else (plan.Warm, plan.WarmCalls)) work)

    let rounds =
        [ for _ in 1 .. plan.Rounds ->
              [ for work, calls in counted ->
                    Thread.Sleep plan.Pause
                    block plan calls work ] ]

    rounds |> List.transpose |> List.map (List.concat >> median)

let run plan (row: Row) : Result =
    let work = row.Prepare()

    let result =
        match work.Ours with
        | None -> { Torch = turns plan [ work.Torch ] |> List.head; Ours = None }
        | Some ours ->
            match turns plan [ work.Torch; ours ] with
            | [ torch; ours ] -> { Torch = torch; Ours = Some ours }
            | other -> invalidOp $"two sides gave {other.Length} medians"

    // What the row held goes before the next row's memory is asked for.
    GC.Collect()
    GC.WaitForPendingFinalizers()
    GC.Collect()
    result
