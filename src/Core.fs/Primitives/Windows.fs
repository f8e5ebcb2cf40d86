namespace Functional

open Functional.Contract

/// Sliding windows over trailing spatial dimensions; all leading dimensions are batch.
[<RequireQualifiedAccess>]
module Windows =
    let private spatial (shape: Shape) (sizes: int[]) : Shape =
        Array.append (Array.take (shape.Length - sizes.Length) shape) sizes

    let private primitive kind (geometry: WindowGeometry) sizes dtype linearize batch : Primitive =
        { Name = string kind
          Infer = fun specs -> { Dtype = dtype specs[0].Dtype; Shape = spatial specs[0].Shape sizes }
          Eval =
            fun backend values ->
                backend.Window(kind, geometry, Value.view values[0])
                |> View.contiguous (spatial values[0].Shape sizes)
                |> Value.ofView backend
          Linearize = linearize
          Batch = fun _ args _ -> batch args[0] }

    /// The position of each window's maximum, flat within the spatial plane.
    let rec argMaximum (geometry: WindowGeometry) (tensor: Tensor) : Tensor =
        Engine.bind (argMaximumPrimitive geometry) [| tensor |]

    and argMaximumPrimitive geometry : Primitive =
        primitive WindowArgMaximum geometry geometry.Output (fun _ -> Int64) Engine.constant (argMaximum geometry)

    /// The sum of each window.
    let rec sum (geometry: WindowGeometry) (tensor: Tensor) : Tensor = Engine.bind (sumPrimitive geometry) [| tensor |]

    and sumPrimitive geometry : Primitive =
        let linearize _ _ _ = Engine.linear (sum geometry) (spread geometry)
        primitive WindowSum geometry geometry.Output id linearize (sum geometry)

    /// The transpose of `sum`: every element goes to all places its window saw.
    and spread (geometry: WindowGeometry) (tensor: Tensor) : Tensor = Engine.bind (spreadPrimitive geometry) [| tensor |]

    and spreadPrimitive geometry : Primitive =
        let linearize _ _ _ = Engine.linear (spread geometry) (sum geometry)
        primitive WindowSumTranspose geometry geometry.Input id linearize (spread geometry)
