namespace Functional

open Functional.Contract

/// Einstein's sums: products of tensors whose dimensions carry names, summed over names that the result does not have.
[<AutoOpen>]
module EinsumOperations =
    /// A dimension's name; those that an ellipsis stands for are counted from the last.
    type Subscript =
        | Named of int
        | Broadcast of int

    let private fail reason = raise (ArgumentValueException $"einsum(): {reason}")

    let private letter position (c: char) =
        if System.Char.IsAsciiLetter c then
            int c
        else
            fail $"invalid subscript given at index {position} in the equation string, subscripts must be in [a-zA-Z]"

    /// The names in a text, none where the ellipsis stands.
    let private parse start (text: string) : int option list =
        let rec go i =
            if i >= text.Length then
                []
            elif text[i] = ' ' then
                go (i + 1)
            elif text[i] = '.' then
                if text.Substring(i).StartsWith "..." then
                    None :: go (i + 3)
                else
                    fail "found '.' that is not part of any ellipsis"
            else
                Some(letter (start + i) text[i]) :: go (i + 1)

        go 0

    /// The names of all dimensions of an operand, with the ellipsis written out.
    let private spell number (names: int option list) (t: Tensor) : Subscript[] =
        if names |> List.filter Option.isNone |> List.length > 1 then
            fail "found '.' for which an ellipsis was already found"

        let given = names |> List.choose id |> List.length
        let hidden = t.Rank - given

        if names |> List.contains None then
            if hidden < 0 then
                fail
                    $"the number of subscripts in the equation ({given}) is more than the number of dimensions ({t.Rank}) for operand {number}"
        elif hidden <> 0 then
            fail
                $"the number of subscripts in the equation ({given}) does not match the number of dimensions ({t.Rank}) for operand {number} and no ellipsis was given"

        names
        |> List.collect (function
            | Some name -> [ Named name ]
            | None -> [ for i in hidden - 1 .. -1 .. 0 -> Broadcast i ])
        |> Array.ofList

    /// A repeated name within one operand is a diagonal: [.., n, .., n, ..] -> [.., n, ..].
    let rec private takeDiagonals (names: Subscript[]) (t: Tensor) : struct (Subscript[] * Tensor) =
        match names |> Array.indexed |> Array.tryFind (fun (i, name) -> System.Array.IndexOf(names, name) < i) with
        | None -> struct (names, t)
        | Some(second, name) ->
            let first = System.Array.IndexOf(names, name)
            let n = t.Shape[first]

            if t.Shape[second] <> n then
                fail $"subscript is repeated for an operand but the sizes don't match, {t.Shape[second]} != {n}"

            let rest = [| 0 .. t.Rank - 1 |] |> Array.filter (fun d -> d <> first && d <> second)
            let moved = Structure.permute (Array.append rest [| first; second |]) t |> Matrices.diagonal
            let kept = Array.append (rest |> Array.map (fun d -> names[d])) [| name |]
            takeDiagonals kept moved

    let private position (names: Subscript[]) name = System.Array.IndexOf(names, name)

    /// The sum over names that nobody needs any more.
    let private sumOut keep (names: Subscript[]) (t: Tensor) : struct (Subscript[] * Tensor) =
        let gone =
            [| for i in 0 .. names.Length - 1 do
                   if not (keep names[i]) then
                       i |]

        if gone.Length = 0 then
            struct (names, t)
        else
            let kept = names |> Array.filter keep

            let shape =
                [| for i in 0 .. names.Length - 1 do
                       if keep names[i] then
                           t.Shape[i] |]

            struct (kept, Reductions.sum gone t |> Engine.reshape shape)

    /// Dimensions in the order of names; names that the tensor lacks get size 1.
    let private arrange (order: Subscript[]) (names: Subscript[]) (t: Tensor) =
        let own = order |> Array.filter (fun name -> Array.contains name names)
        let moved = Structure.permute (own |> Array.map (position names)) t
        let shape = order |> Array.map (fun name -> (let i = position names name in if i < 0 then 1 else t.Shape[i]))
        Engine.reshape shape moved

    /// Two operands by one batched matrix product: names of both that stay are the batch, those that go are summed in the product.
    let private contract
        keep
        (namesA: Subscript[])
        (a: Tensor)
        (namesB: Subscript[])
        (b: Tensor)
        : struct (Subscript[] * Tensor) =
        let keepsA name = keep name || Array.contains name namesB
        let keepsB name = keep name || Array.contains name namesA
        let struct (namesA, a) = sumOut keepsA namesA a
        let struct (namesB, b) = sumOut keepsB namesB b
        let size (names: Subscript[]) (t: Tensor) name = (let i = position names name in if i < 0 then 1 else t.Shape[i])
        let both = namesA |> Array.filter (fun name -> Array.contains name namesB)
        let batch = both |> Array.filter keep
        let summed = both |> Array.filter (keep >> not)
        // A size of 1 meets any: what is summed against it is summed alone.
        let alone (other: Subscript[]) (otherTensor: Tensor) (names: Subscript[]) (t: Tensor) =
            let axes = summed |> Array.filter (fun name -> size names t name <> 1 && size other otherTensor name = 1)

            if axes.Length = 0 then
                t
            else
                Reductions.sum (axes |> Array.map (position names)) t

        let a, b = alone namesB b namesA a, alone namesA a namesB b
        let restA = namesA |> Array.filter (fun name -> not (Array.contains name both))
        let restB = namesB |> Array.filter (fun name -> not (Array.contains name both))
        let sizesOf (names: Subscript[]) (from: Subscript[]) t = names |> Array.map (size from t)
        let wide = Array.map2 max (sizesOf batch namesA a) (sizesOf batch namesB b)

        let wide =
            Array.map3 (fun w x y -> if x = 0 || y = 0 then 0 else w) wide (sizesOf batch namesA a) (sizesOf batch namesB b)

        let group (first: Subscript[]) (second: Subscript[]) names (t: Tensor) =
            let moved = arrange (Array.concat [ batch; first; second ]) names t
            let rest = Array.skip batch.Length moved.Shape
            let rows, columns = Shape.count (Array.take first.Length rest), Shape.count (Array.skip first.Length rest)
            let expanded = Engine.expand (Array.append wide rest) moved
            Engine.reshape [| Shape.count wide; rows; columns |] expanded

        let product = Contraction.matmul (group restA summed namesA a) (group summed restB namesB b)
        let names = Array.concat [ batch; restA; restB ]
        struct (names, Engine.reshape (Array.concat [ wide; sizesOf restA namesA a; sizesOf restB namesB b ]) product)

    /// The names of the operands and of the result, to the result.
    let private evaluate (inputs: int option list list) (output: int option list option) (operands: Tensor list) : Tensor =
        if inputs.Length > operands.Length then
            fail "fewer operands were provided than specified in the equation"

        if inputs.Length < operands.Length then
            fail "more operands were provided than specified in the equation"

        let dtype = operands |> List.map _.Dtype |> List.reduce Dtype.promote
        let spelled = List.mapi2 spell inputs operands

        let hidden =
            spelled
            |> List.map (
                Array.filter (function
                    | Broadcast _ -> true
                    | _ -> false)
                >> Array.length
            )
            |> List.max

        let result =
            match output with
            | Some names ->
                names
                |> List.collect (function
                    | Some name ->
                        if not (spelled |> List.exists (Array.contains (Named name))) then
                            fail $"output subscript {char name} does not appear in the equation for any input operand"

                        [ Named name ]
                    | None -> [ for i in hidden - 1 .. -1 .. 0 -> Broadcast i ])
            | None ->
                // Without a result, names that occur once, in alphabetical order (capitals first), behind the ellipsis.
                let once =
                    spelled
                    |> Seq.concat
                    |> Seq.countBy id
                    |> Seq.choose (function
                        | Named name, 1 -> Some name
                        | _ -> None)
                    |> Seq.sort
                    |> List.ofSeq

                [ for i in hidden - 1 .. -1 .. 0 -> Broadcast i ] @ (once |> List.map Named)

        if (List.distinct result).Length <> result.Length then
            fail "output subscript appears more than once in the output"

        // All sizes of a name agree, or are 1.
        let sizes = System.Collections.Generic.Dictionary<Subscript, int>()

        List.zip spelled operands
        |> List.iteri (fun number (names, t) ->
            names
            |> Array.iteri (fun i name ->
                match sizes.TryGetValue name with
                | true, known when known <> 1 && t.Shape[i] <> 1 && known <> t.Shape[i] ->
                    let shown =
                        match name with
                        | Named code when code > 64 -> string (char code)
                        | Named code -> string code
                        | Broadcast _ -> "..."

                    fail
                        $"subscript {shown} has size {t.Shape[i]} for operand {number} which does not broadcast with previously seen size {known}"
                | true, known -> sizes[name] <- (if known = 1 then t.Shape[i] else known)
                | _ -> sizes[name] <- t.Shape[i]))

        let prepared = List.zip spelled operands |> List.map (fun (names, t) -> takeDiagonals names (Engine.cast dtype t))

        let rec fold (struct (names: Subscript[], t: Tensor)) rest =
            let isKept name =
                List.contains name result
                || rest |> List.exists (fun (struct (others: Subscript[], _)) -> Array.contains name others)

            match rest with
            | [] -> sumOut isKept names t
            | (struct (others, next)) :: rest ->
                let isKept name =
                    List.contains name result
                    || rest |> List.exists (fun (struct (others: Subscript[], _)) -> Array.contains name others)

                fold (contract isKept names t others next) rest

        let struct (names, total) = fold prepared.Head prepared.Tail
        arrange (Array.ofList result) names total

    [<RequireQualifiedAccess>]
    module Tensor =
        /// Sums of products by an equation such as "bij,bjk->bik": letters name dimensions, "..." stands for those without a name, a letter
        /// twice in one operand takes the diagonal. Runs as matrix products from left to right; no table of all products is made.
        let einsum (equation: string) (operands: Tensor list) : Tensor =
            if operands.IsEmpty then
                fail "must specify at least one operand"

            let left, right =
                match equation.IndexOf "->" with
                | -1 -> equation, None
                | at -> equation.Substring(0, at), Some(parse (at + 2) (equation.Substring(at + 2)))

            let parts = left.Split ','
            let starts = parts |> Array.scan (fun at part -> at + part.Length + 1) 0
            evaluate (List.ofArray (Array.map2 parse (Array.take parts.Length starts) parts)) right operands

        /// The same with numbers from 0 to 51 for letters, and none for the ellipsis.
        let einsumSublists (operands: (Tensor * int option list) list) (output: int option list option) : Tensor =
            if operands.IsEmpty then
                fail "must specify at least one operand"

            for _, names in operands do
                for name in names do
                    match name with
                    | Some n when n < 0 || n > 51 -> fail $"subscript {n} is not within the valid range [0, 52)"
                    | _ -> ()

            evaluate (operands |> List.map snd) output (operands |> List.map fst)
