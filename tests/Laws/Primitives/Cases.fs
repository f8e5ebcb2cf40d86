/// One application of a primitive, as data that prints and shrinks, and what generators are made of.
module Functional.Laws.Cases

open System
open Functional
open Functional.Contract
open Functional.Laws.Choices
open Functional.Laws.Arguments

/// The CPU backend with everything put off, however small: small tensors are computed at once elsewhere.
let deferring: IBackend = Deferred.CountingBackend.Counting(Backend.cpu, -1)

/// A primitive with arguments for it.
[<StructuredFormatDisplay("{Shown}")>]
type Case =
    {
        Backend: IBackend
        Primitive: Primitive
        Arguments: Argument[]
        /// What the derivative laws move: floating arguments on which the result depends smoothly.
        Moving: int list
    }

    member this.Shown =
        let one i (a: Argument) =
            let elements = a.Examples[0] |> Array.truncate 30 |> Array.map string |> String.concat "; "
            $"\n    argument {i}: {Dtype.name a.Dtype} {Shape.format a.Shape} {a.Layout} [{elements}]"

        $"{this.Primitive.Name} on {this.Backend.Name}" + (this.Arguments |> Array.mapi one |> String.Concat)

    override this.ToString() = this.Shown

/// What a law asks of the floating arguments.
type Setting =
    {
        Dtype: Dtype
        /// Ties, nan, infinities and signed zeros; else numbers around which the primitive is smooth.
        Wild: bool
    }

type Generator =
    {
        Name: string
        /// What the first floating argument may be in the laws of values.
        Dtypes: Dtype list
        Make: Setting -> Choices -> Case
    }

let floating = [ Float32; Float64; Float16; BFloat16 ]
let numbers = floating @ [ Int64; Int32; Int16; Int8; UInt8 ]
let anything = numbers @ [ Bool ]
let complexes = [ Complex64; Complex128 ]
/// Of these the laws of derivatives hold too.
let smoothNumbers = numbers @ complexes

/// Elements for arguments.
[<RequireQualifiedAccess>]
module Fill =
    /// low .. high
    let within (low: float) (high: float) (random: Random) count =
        Array.init count (fun _ -> low + (high - low) * random.NextDouble())

    /// Numbers around zero, no two closer than 0.2 to each other or 0.05 to zero; `shift` keeps several such arguments apart.
    let distinct shift (random: Random) count =
        let order = Array.init count id
        random.Shuffle order
        order |> Array.map (fun k -> 0.25 * float (k - count / 2) + 0.06 + shift + 0.02 * random.NextDouble())

    let integers low high (random: Random) count = Array.init count (fun _ -> float (random.Next(low, high + 1)))

    /// Ties, and nan and infinities now and then.
    let private special (random: Random) count =
        let strange = [| nan; infinity; -infinity; -0.0; 0.0; 1e-3 |]
        let often = random.Next 3 // in one case of three there is nothing strange

        Array.init count (fun _ ->
            if random.Next 8 < often then
                strange[random.Next strange.Length]
            else
                0.5 * float (random.Next(-5, 6)))

    /// Whatever a dtype may hold.
    let wild dtype (random: Random) count =
        match dtype with
        | Bool -> integers 0 1 random count
        | UInt8 -> integers 0 6 random count
        | _ when Dtype.isFloating dtype -> special random count
        // What becomes of infinities depends on how a product is written.
        | _ when Dtype.isComplex dtype -> special random count |> Array.map (fun x -> if Double.IsFinite x then x else 2.0)
        | _ -> integers -4 4 random count

    /// Ties, but every number finite.
    let finite dtype (random: Random) count = wild dtype random count |> Array.map (fun x -> if Double.IsFinite x then x else 1.5)

    /// In one case of two any numbers of the dtype, else finite ones: where infinities would make everything nan.
    let mixed dtype (random: Random) count = if random.Next 2 = 0 then wild dtype random count else finite dtype random count

/// The size of a dimension.
let size (choices: Choices) = choices.Pick [ 2; 1; 3; 4; 0 ]

/// Never empty.
let someSize (choices: Choices) = choices.Pick [ 2; 1; 3; 4 ]

let shapeOf (choices: Choices) low high = Array.init (choices.Between low high) (fun _ -> size choices)

/// An argument that the setting decides on. `kinked` primitives are smooth only where no two elements are equal.
let real (choices: Choices) (setting: Setting) kinked shift shape =
    let fill = if setting.Wild then Fill.wild setting.Dtype else Fill.distinct shift
    argument choices setting.Dtype shape (layout choices (setting.Wild || not kinked) shape) fill

/// Any argument of a primitive that is smooth everywhere.
let smooth choices setting shape = real choices setting false 0.0 shape

/// Positions below `count`, often repeated.
let indices (choices: Choices) count shape =
    argument choices Int64 shape (layout choices true shape) (Fill.integers 0 (count - 1))

/// Positions below `count`, none twice along an axis.
let distinctIndices (choices: Choices) axis count (shape: Shape) =
    let strides = Shape.rowMajor shape

    argument choices Int64 shape (layout choices false shape) (fun random total ->
        let order = Array.init count id
        random.Shuffle order
        Array.init total (fun i -> float order[i / strides[axis] % shape[axis]]))

/// A case all of whose floating arguments move, on the CPU.
let case primitive (arguments: Argument list) =
    let arguments = Array.ofList arguments

    { Backend = Backend.cpu
      Primitive = primitive
      Arguments = arguments
      Moving =
        [ for i in 0 .. arguments.Length - 1 do
              if Dtype.isDifferentiable arguments[i].Dtype then
                  i ] }
