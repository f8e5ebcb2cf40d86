namespace Functional.Golden

open Functional.Torch

/// The numbers that golden gradients are gradients of.
module Differentiating =
    /// A complex tensor as the real one that its weights belong to.
    let private realized (t: torch.Tensor) = if t.is_complex () then torch.view_as_real (t.resolve_conj ()) else t

    /// The weight of element i of output number j, a real tensor where the output is.
    let private weight (like: torch.Tensor) j =
        let n = int (like.numel ())
        let values = Array.init n (fun i -> float (((7 * i + 3 + 2 * j) % 11) - 5) / 4.0 + 0.125)
        torch.tensor(values, like.shape, device = like.device).``to`` like.dtype

    /// Weights like these tensors.
    let weights (tensors: torch.Tensor list) =
        tensors
        |> List.mapi (fun j t ->
            let w = weight (realized t) j
            if t.is_complex () then torch.view_as_complex w else w)

    /// The sum of all outputs, each element with its weight; none if no output depends on what is differentiated.
    let loss magnitudes (unspecified: int list) (outputs: Value list) : torch.Tensor option =
        outputs
        |> List.mapi (fun j o -> j, o)
        |> List.choose (fun (j, o) ->
            match o with
            | Thing(:? torch.Tensor as t) when
                not (List.contains j unspecified) && (t.is_floating_point () || t.is_complex ()) && t.requires_grad
                ->
                let t = if magnitudes then torch.abs t else realized t
                Some(torch.sum (torch.mul (t, weight t j)))
            | _ -> None)
        |> function
            | [] -> None
            | terms -> Some(terms |> List.reduce (fun a b -> torch.add (a, b)))

    /// The gradients of a loss, recorded themselves if asked for.
    let gradients record (loss: torch.Tensor option) (inputs: torch.Tensor list) : (torch.Tensor | null) list =
        match loss with
        | None -> inputs |> List.map (fun _ -> null)
        | Some loss -> torch.autograd.grad ([| loss |], inputs, create_graph = record, allow_unused = true) |> List.ofSeq
