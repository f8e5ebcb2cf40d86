namespace Functional

open Functional.Contract

/// Layers whose weights are functions of other parameters. Parameters and state have PyTorch's names.
[<AutoOpen>]
module ReparametrizedLayers =
    [<RequireQualifiedAccess>]
    module Nn =
        let private itemsOf (tree: Tree) =
            match tree with
            | Branch items -> items
            | Leaf _ -> []

        /// The tree with something else in the place of one of its tensors.
        let private exchange name (make: Tensor -> (string * Tree) list) (tree: Tree) =
            let weight = Tree.tensor name tree

            Branch
                [ for item in itemsOf tree do
                      if fst item = name then yield! make weight else item ]

        let private without names (tree: Tree) = itemsOf tree |> List.filter (fun (name, _) -> not (List.contains name names))

        /// A layer with one of its parameters split into a length (name_g) and a direction (name_v) (Salimans and Kingma 2016). Lengths are
        /// those of the slices along a dimension; without one the whole has one length. Raises ArgumentValueException where the layer has
        /// no parameter of this name.
        let weightNorm (dim: int option) name (layer: Layer<'Input, 'Output>) : Layer<'Input, 'Output> =
            let length, direction = name + "_g", name + "_v"

            let init key =
                let p, state = layer.Init key

                exchange name (fun weight -> [ length, Leaf(Reparametrization.normBeside dim weight); direction, Leaf weight ]) p,
                state

            let apply mode p state x =
                let weight = Reparametrization.weightNorm dim (Tree.tensor length p) (Tree.tensor direction p)
                layer.Apply mode (Branch((name, Leaf weight) :: without [ length; direction ] p)) state x

            { Init = init; Apply = apply }

        /// A layer with one of its parameters (name_orig) divided by its largest singular value, as a matrix whose rows belong to a dimension
        /// (Miyato et al. 2018): 0, or 1 for transposed convolutions. Its state gets the singular vectors (name_u, name_v), which come
        /// nearer by `steps` power iterations each time while learning. Raises ArgumentValueException where the layer has no
        /// parameter of this name.
        let spectralNorm (steps: int) (epsilon: float) dim name (layer: Layer<'Input, 'Output>) : Layer<'Input, 'Output> =
            if steps <= 0 then
                raise (
                    ArgumentValueException
                        $"Expected n_power_iterations to be positive, but got n_power_iterations={steps} (spectralNorm)"
                )

            let original, left, right = name + "_orig", name + "_u", name + "_v"
            let vectors u v = [ left, Leaf u; right, Leaf v ]

            let init key =
                let struct (first, second) = Random.split2 key
                let p, state = layer.Init first
                let matrix = Reparametrization.matrixOf dim (Tree.tensor name p)

                let vector place =
                    Random.normal (Random.fold place second) [ matrix.Shape[place] ] |> Reparametrization.unit epsilon

                exchange name (fun weight -> [ original, Leaf weight ]) p, Branch(itemsOf state @ vectors (vector 0) (vector 1))

            let apply mode p state x =
                let whole = Tree.tensor original p
                let u, v = Tree.tensor left state, Tree.tensor right state

                let struct (u, v) =
                    match mode with
                    | Evaluate -> struct (u, v)
                    | Train _ ->
                        let matrix = Reparametrization.matrixOf dim (Structure.detach whole)
                        Reparametrization.powerIteration steps epsilon matrix u v

                let weight = Reparametrization.spectralNorm dim u v whole

                let y, next =
                    layer.Apply
                        mode
                        (Branch((name, Leaf weight) :: without [ original ] p))
                        (Branch(without [ left; right ] state))
                        x

                y, Branch(itemsOf next @ vectors u v)

            { Init = init; Apply = apply }
