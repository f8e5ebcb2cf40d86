namespace Functional.Bench

open System.Diagnostics
open System.Runtime.InteropServices

/// Which time counts: the wall's, or what the process spent on processors, which other programs on the machine disturb less but
/// which says nothing when several threads work.
type Clock =
    | Wall
    | Processor

module Clock =
    [<Struct; StructLayout(LayoutKind.Sequential)>]
    type private Timespec =
        val mutable Seconds: int64
        val mutable Nanoseconds: int64

    [<DllImport("libc")>]
    extern int private clock_gettime(int clock, Timespec& time)

    let private processTime () =
        let mutable time = Timespec()
        clock_gettime (2, &time) |> ignore // 2 is CLOCK_PROCESS_CPUTIME_ID
        float time.Seconds * 1e6 + float time.Nanoseconds * 1e-3

    /// Microseconds since some beginning.
    let now clock =
        match clock with
        | Wall -> float (Stopwatch.GetTimestamp()) * 1e6 / float Stopwatch.Frequency
        | Processor -> processTime ()
