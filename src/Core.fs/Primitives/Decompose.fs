namespace Functional

open Functional.Contract

/// The mould of primitives that a backend's `Decompose` computes. Arguments have equal batch dimensions.
[<RequireQualifiedAccess>]
module Decompose =
    let private batchOf kind (specs: Spec[]) : Shape =
        Array.take (specs[0].Shape.Length - (Decomposition.ranks kind)[0]) specs[0].Shape

    let private infer kind (specs: Spec[]) =
        let ranks = Decomposition.ranks kind
        let batch = batchOf kind specs

        specs
        |> Array.iteri (fun i spec ->
            let rest = spec.Shape.Length - ranks[i]

            if rest < 0 || not (Shape.equal (Array.take rest spec.Shape) batch) then
                raise (
                    ShapeException
                        $"{Decomposition.name kind}: expected arguments with equal batch dimensions, but got shapes {Shape.format specs[0].Shape} and {Shape.format spec.Shape}"
                ))

        match specs[0].Dtype with
        | Float32
        | Float64
        | Complex64
        | Complex128 -> ()
        | other -> raise (DtypeException $"\"{Decomposition.name kind}\" not implemented for '{Dtype.scalarTypeName other}'")

        let parts = specs |> Array.mapi (fun i spec -> Array.skip (spec.Shape.Length - ranks[i]) spec.Shape)

        { Dtype = Decomposition.dtype kind specs[0].Dtype
          Shape = Array.append batch (Decomposition.shape kind parts) }

    /// A primitive that is one decomposition of its arguments; `used` of them reach the backend, from number `first` on.
    let primitiveOf kind first (linearize: Tensor[] -> Tensor -> int -> Linear voption) : Primitive =
        let own (items: 'T[]) = Array.skip first items

        let rec primitive: Primitive =
            { Name = Decomposition.name kind
              Infer = own >> infer kind
              Eval =
                fun backend values ->
                    let used = own values
                    let spec = infer kind (used |> Array.map (fun v -> { Dtype = v.Dtype; Shape = v.Shape }))
                    backend.Decompose(kind, used |> Array.map Value.view) |> View.contiguous spec.Shape |> Value.ofView backend
              Linearize = linearize
              Batch = fun size args flags -> again (Engine.leadAll size args flags) }

        and again args = Engine.bind primitive args
        primitive
