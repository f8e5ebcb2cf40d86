namespace Functional

open System.Collections.Generic
open Functional.Contract

/// A program made of several, and the numbers that come with every call: its last parameters.
[<Sealed; AllowNullLiteral>]
type internal Fused(program: Program, constants: Scalar[]) =
    member _.Program = program
    member _.Constants = constants

    /// The parameters of one call: the caller's own, then the program's constants.
    member _.Parameters(own: Scalar[]) =
        if constants.Length = 0 then own
        elif own.Length = 0 then constants
        else Array.append own constants

/// Puts programs one after the other into one; equal steps are computed once.
/// Where a half-precision result flows on, it is rounded as if it had been stored: fusing changes no bit.
/// Mutable while it is being filled, by one owner.
[<Sealed>]
type internal Fusion() =
    let code = List<Instruction>()
    let types = List<Dtype>()
    let numbered = Dictionary<struct (Instruction * Dtype), int>()
    let inputs = List<Dtype>()
    let own = List<Dtype>()
    let constants = List<struct (Scalar * Dtype)>()

    let emit instruction dtype =
        let key = struct (instruction, dtype)

        match numbered.TryGetValue key with
        | true, step -> step
        | _ ->
            code.Add instruction
            types.Add dtype
            numbered[key] <- code.Count - 1
            code.Count - 1

    // How many parameters callers bring is known only at the end; until then constants count down from -1.
    let emitConstant (value: Scalar) dtype =
        let entry = struct (value, dtype)

        let index =
            match constants.IndexOf entry with
            | -1 ->
                constants.Add entry
                constants.Count - 1
            | known -> known

        emit (Instruction.Parameter(-1 - index)) dtype

    /// One more array to read; gives its number for `Load`.
    member _.Input(dtype: Dtype) =
        inputs.Add dtype
        inputs.Count - 1

    /// The step that reads an input.
    member _.Load(input: int) = emit (Instruction.Load input) (Dtype.compute inputs[input])

    /// The step that holds one more number of the caller's.
    member _.Parameter(dtype: Dtype) =
        own.Add dtype
        emit (Instruction.Parameter(own.Count - 1)) dtype

    /// Appends a program with one output whose loads are these steps; gives the step of its result.
    /// The first parameters are new parameters of the caller's, those from `lowered.Own` on are constants.
    member this.Apply(lowered: Lowered, arguments: int -> int) =
        let program = lowered.Program
        let parameters = Array.init lowered.Own (fun i -> this.Parameter program.Parameters[i])
        let steps: int[] = Array.zeroCreate program.Code.Length

        for i in 0 .. steps.Length - 1 do
            let dtype = program.Types[i]

            steps[i] <-
                match program.Code[i] with
                | Instruction.Load input -> arguments input
                | Instruction.Parameter p when p < lowered.Own -> parameters[p]
                | Instruction.Parameter p -> emitConstant lowered.Constants[p - lowered.Own] dtype
                | Instruction.Unary(op, a) -> emit (Instruction.Unary(op, steps[a])) dtype
                | Instruction.Binary(op, a, b) -> emit (Instruction.Binary(op, steps[a], steps[b])) dtype
                | Instruction.Compare(op, a, b) -> emit (Instruction.Compare(op, steps[a], steps[b])) dtype
                | Instruction.Select(c, a, b) -> emit (Instruction.Select(steps[c], steps[a], steps[b])) dtype
                | Instruction.Cast(target, a) -> emit (Instruction.Cast(target, steps[a])) dtype

        let result = steps[program.Outputs[0]]
        let stored = program.Results[0]
        let register = Dtype.compute stored

        if stored = register then
            result
        else
            emit (Instruction.Cast(stored, result)) register

    /// The program that stores these steps, each as the given dtype.
    member _.Finish(outputs: int[], results: Dtype[]) =
        let number instruction =
            match instruction with
            | Instruction.Parameter p when p < 0 -> Instruction.Parameter(own.Count - 1 - p)
            | other -> other

        let parameters = [| yield! own; for struct (_, dtype) in constants -> dtype |]

        Fused(
            Program(inputs.ToArray(), parameters, code.ToArray() |> Array.map number, types.ToArray(), outputs, results),
            [| for struct (value, _) in constants -> value |]
        )
