namespace Functional

open System
open System.Collections.Concurrent
open System.Diagnostics
open System.Globalization
open System.IO
open System.Numerics
open Functional.Contract

/// Which of two backends was the faster one, by shape class, on this machine: what was measured once is kept in a file of the
/// user's cache. A file that cannot be read or written only means that things are measured again.
[<Sealed>]
type MeasuredChoices(folder: string, machine: string) =
    let path = Path.Combine(folder, "backends.tsv")
    let known = ConcurrentDictionary<uint64, bool>()

    do
        try
            if File.Exists path then
                for line in File.ReadLines path do
                    match line.Split '\t' with
                    | [| whose; key; choice |] when whose = machine ->
                        match UInt64.TryParse(key, NumberStyles.HexNumber, CultureInfo.InvariantCulture) with
                        | true, key -> known[key] <- (choice = "theirs")
                        | _ -> ()
                    | _ -> ()
        with
        | :? IOException
        | :? UnauthorizedAccessException -> ()

    /// Whether theirs was the faster one, if that is known.
    member _.TryFind(key: uint64) =
        match known.TryGetValue key with
        | true, theirs -> ValueSome theirs
        | _ -> ValueNone

    member _.Keep(key: uint64, theirs: bool) =
        known[key] <- theirs

        try
            Directory.CreateDirectory folder |> ignore
            let choice = if theirs then "theirs" else "ours"
            File.AppendAllText(path, $"{machine}\t{key:x}\t{choice}\n")
        with
        | :? IOException
        | :? UnauthorizedAccessException -> ()

    /// Where programs of this user keep what they can make again.
    static member DefaultFolder =
        let home = Environment.GetFolderPath Environment.SpecialFolder.UserProfile

        let caches =
            match Environment.GetEnvironmentVariable "XDG_CACHE_HOME" with
            | null
            | "" when OperatingSystem.IsWindows() -> Environment.GetFolderPath Environment.SpecialFolder.LocalApplicationData
            | null
            | "" when OperatingSystem.IsMacOS() -> Path.Combine(home, "Library", "Caches")
            | null
            | "" -> Path.Combine(home, ".cache")
            | named -> named

        Path.Combine(caches, "Functional")

/// Two backends of one device. Each class of products and decompositions (operation, dtype, layout, sizes up to the next power of
/// two) is measured when it first occurs, and done from then on by the one that was faster.
[<Sealed>]
type ChoosingBackend(ours: IBackend, theirs: IBackend, choices: MeasuredChoices) =
    inherit ForwardingBackend(ours)

    let size (n: int) = if n <= 1 then 0UL else uint64 (BitOperations.Log2(uint32 (n - 1)) + 1)

    /// The last dimension without gaps, the one before it, or neither.
    let layout (view: View) =
        match view.Strides with
        | strides when strides.Length > 0 && strides[strides.Length - 1] = 1 -> 0UL
        | strides when strides.Length > 1 && strides[strides.Length - 2] = 1 -> 1UL
        | _ -> 2UL

    let pack (parts: uint64 seq) = parts |> Seq.fold (fun key part -> (key <<< 5) ||| part) 1UL

    let batchOf (view: View) =
        let mutable count = 1

        for i in 0 .. view.Shape.Length - 3 do
            count <- count * view.Shape[i]

        count

    let clock (run: unit -> Buffer) =
        let start = Stopwatch.GetTimestamp()
        let result = run ()
        struct (Stopwatch.GetElapsedTime start, result)

    /// Both in turns, after one run each that does not count: until 20 ms have passed, and no more than 8 times.
    let measure (run: IBackend -> Buffer) =
        let best = [| TimeSpan.MaxValue; TimeSpan.MaxValue |]
        let mutable last: Buffer voption = ValueNone
        let begun = Stopwatch.GetTimestamp()
        let mutable turn = 0

        while turn < 2 || (turn < 9 && Stopwatch.GetElapsedTime begun < TimeSpan.FromMilliseconds 20.0) do
            for i, backend in [ 0, theirs; 1, ours ] do
                let struct (took, result) = clock (fun () -> run backend)

                if turn > 0 then
                    best[i] <- min best[i] took

                match last with
                | ValueSome before -> before.Release()
                | ValueNone -> ()

                last <- ValueSome result

            turn <- turn + 1

        struct (best[0] < best[1], last)

    let choose key (run: IBackend -> Buffer) : Buffer =
        match choices.TryFind key with
        | ValueSome isTheirs -> run (if isTheirs then theirs else ours)
        | ValueNone ->
            let struct (isTheirs, last) = measure run
            choices.Keep(key, isTheirs)

            match last with
            | ValueSome result -> result
            | ValueNone -> run ours

    let number kind =
        match kind with
        | Decomposition.Cholesky -> 1UL
        | Decomposition.Lu -> 2UL
        | Decomposition.Householder -> 3UL
        | Decomposition.Qr complete -> if complete then 4UL else 5UL
        | Decomposition.Svd full -> if full then 6UL else 7UL
        | Decomposition.SingularValues -> 8UL
        | Decomposition.HermitianEigen -> 9UL
        | Decomposition.HermitianEigenvalues -> 10UL
        | Decomposition.Eigen -> 11UL
        | Decomposition.Eigenvalues -> 12UL
        | Decomposition.PseudoInverse -> 13UL
        | Decomposition.TriangularSolve _ -> 14UL
        | Decomposition.LuSolve _ -> 15UL
        | Decomposition.Ldl _ -> 16UL
        | Decomposition.LdlSolve _ -> 17UL

    override _.Name = "auto"

    override _.MatMul(a, b) =
        let m, k, n = a.Shape[a.Shape.Length - 2], a.Shape[a.Shape.Length - 1], b.Shape[b.Shape.Length - 1]
        let dtype = uint64 (Dtype.index a.Dtype)
        let key = pack [ 0UL; dtype; size m; size k; size n; size (batchOf a); layout a; layout b ]
        choose key (fun backend -> backend.MatMul(a, b))

    override _.Decompose(kind, inputs) =
        let a = inputs[0]

        let sizes =
            inputs |> Seq.truncate 2 |> Seq.collect (fun view -> Seq.map size (Seq.truncate 2 (Seq.rev view.Shape)))

        let key = pack (Seq.append [ number kind; uint64 (Dtype.index a.Dtype); size (batchOf a) ] sizes)
        choose key (fun backend -> backend.Decompose(kind, inputs))
