namespace Functional

open System.Text
open System.Threading
open Functional.Contract

/// Which backends there are, and which one new tensors live on.
[<RequireQualifiedAccess>]
module Backend =
    /// The embedded CPU backend.
    let cpu: IBackend = Functional.Cpu.CpuBackend.Instance
    /// The plain backend that defines what the others must answer. Slow.
    let reference: IBackend = Functional.Contract.Reference.backend

    let mutable private everywhere = cpu
    let private here = AsyncLocal<IBackend>()

    /// The backend of new tensors: that of the innermost `using` scope, or the one set for the process.
    let current () =
        match here.Value with
        | null -> everywhere
        | scoped -> scoped

    // Which of the backends that work in the processor's memory is meant by "cpu".
    let mutable private processor = cpu

    let private isOnProcessor (backend: IBackend) = backend.Device.Kind = "cpu"

    /// Sets the backend of new tensors for the whole process.
    let setDefault (backend: IBackend) =
        everywhere <- backend

        if isOnProcessor backend then
            processor <- backend

    /// The backend of new tensors on the device "cpu": the current one if it works there, or else the last default that did.
    let host () =
        let now = current ()
        if isOnProcessor now then now else processor

    /// Runs a function with another backend for new tensors, on this thread and what it starts.
    let using (backend: IBackend) (f: unit -> 'R) : 'R =
        let before = here.Value
        here.Value <- backend

        try
            f ()
        finally
            here.Value <- before

    /// Makes the backends of a provider known. Needed only where they are not in an assembly named Functional.* that is loaded
    /// or lies beside this one: in scripts, and in programs compiled ahead of time.
    let register (provider: IBackendProvider) = Providers.register provider

    let private ofKind kind = Providers.all () |> List.filter (fun provider -> provider.Kind = kind)

    /// How many backends of a kind can be opened: "mkl", "cuda", "opencl". 0 where something is missing; never an error.
    let count (kind: string) =
        match kind with
        | "cpu"
        | "reference" -> 1
        | _ -> ofKind kind |> List.sumBy _.DeviceCount

    let private whyNot kind =
        match ofKind kind with
        | [] -> $"no provider of it is known: reference the package that brings it, or hand its provider to Backend.register"
        | providers ->
            let reasons =
                providers
                |> Seq.collect _.Probes
                |> Seq.filter (fun probe -> not probe.IsUsable)
                |> Seq.map (fun probe -> $"{probe.Sought}: {probe.Details}")

            String.concat "; " reasons + " (Backend.explain () tells all)"

    /// Whether anything known could have devices of a kind.
    let isKnown (kind: string) = not (List.isEmpty (ofKind kind))

    /// The backend of a device of a kind: the same object each time. Raises DeviceException where it is not there.
    let ofDevice (kind: string) (index: int) : IBackend =
        match kind with
        | "cpu" when index <= 0 -> host ()
        | "reference" when index <= 0 -> reference
        | _ ->
            let rec find providers index =
                match providers with
                | (provider: IBackendProvider) :: rest ->
                    let count = provider.DeviceCount

                    if index < count then
                        Some(Providers.openOf cpu provider index)
                    else
                        find rest (index - count)
                | [] -> None

            let available = count kind

            match (if index < 0 then None else find (ofKind kind) index) with
            | Some backend -> backend
            | None when available > 0 ->
                raise (
                    DeviceException
                        $"invalid device ordinal: there are {available} devices of kind {kind}, so {kind}:{index} is none of them"
                )
            | None -> raise (DeviceException $"device {kind}:{index} is not available: {whyNot kind}")

    /// Matrix work by MKL, or by OpenBLAS where there is no MKL; everything else by `cpu`, in the same memory.
    /// Raises DeviceException where neither is installed.
    let mkl () = ofDevice "mkl" 0

    let private chosen: Lazy<IBackend> =
        lazy
            (match count "mkl" with
             | 0 -> cpu
             | _ ->
                 let details =
                     ofKind "mkl" |> Seq.collect _.Probes |> Seq.filter _.IsUsable |> Seq.map _.Details |> String.concat " "

                 let machine = $"{System.Environment.MachineName} {System.Environment.ProcessorCount} {details}"

                 ChoosingBackend(cpu, mkl (), MeasuredChoices(MeasuredChoices.DefaultFolder, machine.Replace('\t', ' ')))
                 :> IBackend)

    /// The faster of `cpu` and `mkl` for each class of products and decompositions, as measured when it first occurs on this
    /// machine and kept in the user's cache; `cpu` where there is no such library.
    let auto () : IBackend = chosen.Value

    /// A backend by its name: "cpu" (ours), "mkl", "auto", "reference", or a kind of device, of which the first is meant.
    let ofName (name: string) : IBackend =
        match name with
        | "cpu" -> cpu
        | "auto" -> auto ()
        | _ -> ofDevice name 0

    /// How many devices `gpu` finds.
    let gpuCount () = count "cuda" + count "opencl"

    /// A graphics card: those that run CUDA count first, those that run OpenCL after them. Raises DeviceException.
    let gpu index =
        match count "cuda" with
        | cards when index >= cards && count "opencl" > 0 -> ofDevice "opencl" (index - cards)
        | _ -> ofDevice "cuda" index

    /// The lines about a provider. One that raises where it should tell is told of.
    let private linesOf (provider: IBackendProvider) =
        try
            let count = provider.DeviceCount
            let devices = if count = 1 then "1 device" else $"{count} devices"

            $"{provider.Kind}: {devices}"
            :: [ for probe in provider.Probes do
                     let mark = if probe.IsUsable then "found" else "not usable"
                     $"  {probe.Sought}: {mark}, {probe.Details}" ]
        with problem ->
            [ $"{(Unchecked.nonNull (box provider)).GetType().Name}: not usable, it raised {problem.GetType().Name}: {problem.Message}" ]

    /// What providers looked for, and which assemblies could not be asked.
    let internal explanationOf (providers: IBackendProvider list) (failures: Providers.Failure list) : string =
        let text = StringBuilder()
        let line (what: string) = text.AppendLine what |> ignore
        line $"cpu: built in, {Functional.Cpu.WorkerPool.Threads} threads"
        providers |> List.collect linesOf |> List.iter line

        for failure in failures do
            line $"{failure.Assembly}: not asked, {failure.Reason}"

        line $"new tensors live on: {current().Name} ({current().Device})"
        text.ToString()

    /// What was looked for on this machine, what was found in which version, and why not where not.
    let explanation () : string = explanationOf (Providers.all ()) (Providers.failures ())

    /// Prints `explanation`.
    let explain () = System.Console.Write(explanation ())

/// How many threads take part in one operation on the processor. Results do not depend on it.
[<RequireQualifiedAccess>]
module Threads =
    let count () = Functional.Cpu.WorkerPool.Threads
    /// Raises ArgumentValueException for numbers that are not positive.
    let set count = Functional.Cpu.WorkerPool.Threads <- count
