namespace Functional.Bench

type Mode =
    | Help
    /// Compare with libtorch, every pass in a process of its own, and print the table.
    | Compare
    /// One such pass: print a line for each row.
    | Pass
    /// Resident memory over many steps: all of them, or one, in this process.
    | Memory
    | MemoryOf of name: string
    /// How long steps wait for their batches.
    | Waiting
    /// From the start of a process to its first gradient: start processes, or be one.
    | Cold
    | FirstGradient

type Options =
    {
        Mode: Mode
        /// Rows whose topic or name contains this.
        Only: string
        /// One pass for each number of threads.
        Threads: int list
        Clock: Clock
        Quick: bool
        /// Compare also with the peer's malloc tuned.
        Tuned: bool
    }

module Options =
    let usage =
        """usage: dotnet fsi build.fsx bench [OPTIONS]

  --only TEXT      rows whose topic or name contains TEXT
  --threads N      only N threads (otherwise 1 and all)
  --quick          two thirds of the time, rougher figures
  --untuned        leave out the passes with the peer's malloc tuned
  --cpu-time       count processor time instead of the wall's (busy machine, one thread)
  --memory         resident memory over many training steps
  --loader         how long training steps wait for their batches
  --cold           from process start to the first gradient"""

    let private defaults =
        { Mode = Compare
          Only = ""
          Threads = List.distinct [ 1; System.Environment.ProcessorCount ]
          Clock = Wall
          Quick = false
          Tuned = true }

    let private number (text: string) =
        match System.Int32.TryParse text with
        | true, n when n > 0 -> Some n
        | _ -> None

    let rec private read options arguments =
        match arguments with
        | [] -> Ok options
        | "--only" :: text :: rest -> read { options with Only = text } rest
        | "--threads" :: text :: rest ->
            match number text with
            | Some n -> read { options with Threads = [ n ] } rest
            | None -> Error $"--threads takes a positive number, not '{text}'"
        | "help" :: rest -> read { options with Mode = Help } rest
        | "--quick" :: rest -> read { options with Quick = true } rest
        | "--untuned" :: rest -> read { options with Tuned = false } rest
        | "--cpu-time" :: rest -> read { options with Clock = Processor } rest
        | "--pass" :: rest -> read { options with Mode = Pass } rest
        | "--memory" :: rest -> read { options with Mode = Memory } rest
        | "--memory-of" :: name :: rest -> read { options with Mode = MemoryOf name } rest
        | "--loader" :: rest -> read { options with Mode = Waiting } rest
        | "--cold" :: rest -> read { options with Mode = Cold } rest
        | "--first-gradient" :: rest -> read { options with Mode = FirstGradient } rest
        | other :: _ -> Error $"there is no option '{other}'"

    let parse arguments = read defaults arguments
