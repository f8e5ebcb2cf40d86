namespace Functional

open Functional.Contract

/// What PyTorch says where a function of two tensors does not take their dtype. Looked up once for each function and dtype.
[<RequireQualifiedAccess>]
module internal Refusals =
    let private isComplex dtype = Dtype.isComplex dtype
    let private isBool dtype = dtype = Bool
    let private isWhole dtype = not (Dtype.isDifferentiable dtype)
    let private isBroken dtype = Dtype.isDifferentiable dtype
    let private kernel name dtype = $"\"{name}\" not implemented for '{Dtype.scalarTypeName dtype}'"

    let private rules: Map<string, (Dtype -> bool) * (Dtype -> string)> =
        let either f g dtype = f dtype || g dtype

        [ for name in [ "maximum"; "minimum"; "fmax"; "fmin" ] do
              name, (isComplex, (fun _ -> $"{name} not implemented for complex tensors."))
          "heaviside", (isComplex, (fun _ -> "heaviside is not yet implemented for complex tensors."))
          for name in [ "lt"; "le"; "gt"; "ge"; "atan2"; "copysign" ] do
              name, (isComplex, kernel $"{name}_cpu")
          for name in [ "fmod"; "remainder" ] do
              name, (either isComplex isBool, kernel $"{name}_cpu")
          "floor_divide", (either isComplex isBool, kernel "div_floor_cpu")
          "pow", (isBool, kernel "pow")
          for name in [ "hypot"; "logaddexp"; "logaddexp2" ] do
              name, (either isComplex isWhole, kernel $"{name}_cpu")
          for name in [ "bitwise_and"; "bitwise_or"; "bitwise_xor" ] do
              name, (isBroken, kernel $"{name}_cpu")
          "bitwise_left_shift", (either isBroken isBool, kernel "lshift_cpu")
          "bitwise_right_shift", (either isBroken isBool, kernel "rshift_cpu") ]
        |> Map.ofList

    /// Raises DtypeException in PyTorch's words.
    let check (name: string) (inputs: Dtype[]) =
        if inputs.Length = 2 then
            match rules.TryFind name with
            | Some(refuses, words) when refuses inputs[0] && inputs[0] = inputs[1] ->
                raise (DtypeException $"{words inputs[0]}: cast to a dtype that {name} takes")
            | _ -> ()
