namespace Functional.Contract

open System

/// A part of a complex number: 0 real, 1 imaginary; a real number has only part 0.
[<Struct>]
type Plane = { Source: int; Part: int }

/// A program over complex numbers as one over their real and imaginary parts, for backends that compute with reals only:
/// complex elements are read where they lie, as two strided views, and written as pairs.
[<Sealed>]
type Planes(program: Program, constants: Scalar[], inputs: Plane[], parameters: Plane[], outputs: Plane[]) =
    let part (plane: Plane) (value: Scalar) =
        match value with
        | Complex c -> Real(if plane.Part = 0 then c.Real else c.Imaginary)
        | other when plane.Part = 0 -> other
        | _ -> Real 0.0

    /// The real program.
    member _.Program = program
    /// Which part of which of the original inputs an input is.
    member _.Inputs = inputs
    /// Which part of which of the original outputs an output is.
    member _.Outputs = outputs

    /// The views that the real program reads. Those of complex buffers count offsets and strides in real elements.
    member _.Views(views: View[]) =
        inputs
        |> Array.map (fun plane ->
            let view = views[plane.Source]

            if Dtype.isComplex view.Dtype then
                { view with Offset = 2 * view.Offset + plane.Part; Strides = view.Strides |> Array.map ((*) 2) }
            else
                view)

    /// The parameters of the real program.
    member _.Numbers(numbers: Scalar[]) =
        Array.append (parameters |> Array.map (fun plane -> part plane numbers[plane.Source])) constants

/// Taking programs over complex numbers apart.
[<RequireQualifiedAccess; CompilationRepresentation(CompilationRepresentationFlags.ModuleSuffix)>]
module Planes =
    /// Whether any number of a program is complex.
    let areNeeded (program: Program) =
        Array.exists Dtype.isComplex program.Inputs
        || Array.exists Dtype.isComplex program.Types
        || Array.exists Dtype.isComplex program.Results

    let private missing (operation: string) dtype =
        let operation = operation.ToLowerInvariant()

        raise (
            DtypeException
                $"\"{operation}\" not implemented for '{Dtype.scalarTypeName dtype}': the {operation} of a scalar program does not take {Dtype.name dtype}; cast to a dtype that it takes"
        )

    let private real e = { Re = e; Im = ScalarExpr.real 0.0 }

    let private unary dtype op z =
        match op with
        | Neg -> ComplexFormulas.neg z
        | Abs -> real (ComplexFormulas.abs z)
        | Sign -> ComplexFormulas.sign z
        | Exp -> ComplexFormulas.exp z
        | Exp2 -> ComplexFormulas.exp2 z
        | Expm1 -> ComplexFormulas.expm1 z
        | Log -> ComplexFormulas.log z
        | Log2 -> ComplexFormulas.log2 z
        | Log10 -> ComplexFormulas.log10 z
        | Log1p -> ComplexFormulas.log1p z
        | Sqrt -> ComplexFormulas.sqrt z
        | Rsqrt -> ComplexFormulas.rsqrt z
        | Reciprocal -> ComplexFormulas.reciprocal z
        | Sin -> ComplexFormulas.sin z
        | Cos -> ComplexFormulas.cos z
        | Tan -> ComplexFormulas.tan z
        | Asin -> ComplexFormulas.asin z
        | Acos -> ComplexFormulas.acos z
        | Atan -> ComplexFormulas.atan z
        | Sinh -> ComplexFormulas.sinh z
        | Cosh -> ComplexFormulas.cosh z
        | Tanh -> ComplexFormulas.tanh z
        | Asinh -> ComplexFormulas.asinh z
        | Acosh -> ComplexFormulas.acosh z
        | Atanh -> ComplexFormulas.atanh z
        | Sigmoid -> ComplexFormulas.sigmoid z
        | Not -> real (ComplexFormulas.isZero z)
        | Conjugate -> ComplexFormulas.conjugate z
        | RealPart -> real z.Re
        | ImaginaryPart -> real z.Im
        | Angle -> real (ComplexFormulas.angle z)
        | _ -> missing (string op) dtype

    let private binary dtype op a b =
        match op with
        | Add -> ComplexFormulas.add a b
        | Sub -> ComplexFormulas.sub a b
        | Mul -> ComplexFormulas.mul a b
        | Div -> ComplexFormulas.div a b
        // The error of the logarithm grows with the exponent, so single precision goes by way of double.
        | Pow when dtype = Complex64 ->
            let widen z = { Re = Cast(Float64, z.Re); Im = Cast(Float64, z.Im) }
            let power = ComplexFormulas.pow (widen a) (widen b)
            { Re = Cast(Float32, power.Re); Im = Cast(Float32, power.Im) }
        | Pow -> ComplexFormulas.pow a b
        | _ -> missing (string op) dtype

    let private compare dtype op a b =
        match op with
        | Eq -> real (ComplexFormulas.isEqual a b)
        | Ne -> real (ComplexFormulas.isDifferent a b)
        | _ -> missing (string op) dtype

    let private cast source target z =
        match Dtype.isComplex source, Dtype.isComplex target with
        | true, true -> { Re = Cast(Dtype.toReal target, z.Re); Im = Cast(Dtype.toReal target, z.Im) }
        | false, true -> real (Cast(Dtype.toReal target, z.Re))
        | true, false when target = Bool -> real (Unary(Not, ComplexFormulas.isZero z))
        | _ -> real (Cast(target, z.Re))

    /// Both parts of complex things, the only part of real ones.
    let private split (dtypes: Dtype[]) =
        [| for i in 0 .. dtypes.Length - 1 do
               { Source = i; Part = 0 }

               if Dtype.isComplex dtypes[i] then
                   { Source = i; Part = 1 } |]

    /// A program that computes the same with real numbers. Raises DtypeException where a function does not take complex ones.
    let ofProgram (program: Program) : Planes =
        let inputs = split program.Inputs
        let parameters = split program.Parameters
        let place (planes: Plane[]) source = planes |> Array.findIndex (fun p -> p.Source = source)
        let steps: Parts[] = Array.zeroCreate program.Code.Length

        /// The leaves of a number: one expression, or two of which the second stands behind the first.
        let leaf isComplex at make = if isComplex then { Re = make at; Im = make (at + 1) } else real (make at)

        for i in 0 .. steps.Length - 1 do
            let dtype operand = program.Types[operand]
            let isComplex operand = Dtype.isComplex (dtype operand)

            steps[i] <-
                match program.Code[i] with
                | Instruction.Load input -> leaf (isComplex i) (place inputs input) Arg
                | Instruction.Parameter p ->
                    leaf (isComplex i) (place parameters p) (fun p -> Cast(Dtype.toReal program.Types[i], Param p))
                | Instruction.Unary(op, a) when isComplex a -> unary (dtype a) op steps[a]
                | Instruction.Unary(op, a) -> real (Unary(op, steps[a].Re))
                | Instruction.Binary(MakeComplex, a, b) -> { Re = steps[a].Re; Im = steps[b].Re }
                | Instruction.Binary(op, a, b) when isComplex a -> binary (dtype a) op steps[a] steps[b]
                | Instruction.Binary(op, a, b) -> real (Binary(op, steps[a].Re, steps[b].Re))
                | Instruction.Compare(op, a, b) when isComplex a -> compare (dtype a) op steps[a] steps[b]
                | Instruction.Compare(op, a, b) -> real (Compare(op, steps[a].Re, steps[b].Re))
                | Instruction.Select(c, a, b) when isComplex a -> ComplexFormulas.choose steps[c].Re steps[a] steps[b]
                | Instruction.Select(c, a, b) -> real (Select(steps[c].Re, steps[a].Re, steps[b].Re))
                | Instruction.Cast(target, a) -> cast (dtype a) target steps[a]

        let outputs = split program.Results

        let lowered =
            Program.lower
                (inputs |> Array.map (fun plane -> Dtype.toReal program.Inputs[plane.Source]))
                Float32
                (outputs
                 |> Array.map (fun plane ->
                     let number = steps[program.Outputs[plane.Source]]
                     let e = if plane.Part = 0 then number.Re else number.Im
                     struct (e, Dtype.toReal program.Results[plane.Source])))

        // An expression that leaves the last parameters unused lowers to a program without them.
        Planes(lowered.Program, lowered.Constants, inputs, Array.truncate lowered.Own parameters, outputs)
