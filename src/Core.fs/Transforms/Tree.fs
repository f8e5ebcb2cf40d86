namespace Functional

open System
open FSharp.Reflection

/// Tensors with names: what gradients, optimizers and checkpoints see of parameters, whatever type holds them.
type Tree =
    | Leaf of Tensor
    | Branch of (string * Tree) list

[<RequireQualifiedAccess; CompilationRepresentation(CompilationRepresentationFlags.ModuleSuffix)>]
module Tree =
    let empty = Branch []

    /// The leaves from left to right.
    let leaves tree : Tensor[] =
        let found = Collections.Generic.List<Tensor>()

        let rec go tree =
            match tree with
            | Leaf t -> found.Add t
            | Branch items ->
                for _, item in items do
                    go item

        go tree
        found.ToArray()

    /// The leaves from left to right with their dotted paths.
    let named tree : (string * Tensor) list =
        let join prefix name = if prefix = "" then name else prefix + "." + name

        let rec go prefix tree =
            match tree with
            | Leaf t -> [ prefix, t ]
            | Branch items -> items |> List.collect (fun (name, item) -> go (join prefix name) item)

        go "" tree

    let rec map (f: Tensor -> Tensor) tree =
        match tree with
        | Leaf t -> Leaf(f t)
        | Branch items -> Branch(items |> List.map (fun (name, item) -> name, map f item))

    /// The tree with its leaves replaced, from left to right.
    let rebuild (tree: Tree) (replacements: Tensor[]) =
        let mutable next = 0

        let rec go tree =
            match tree with
            | Leaf _ ->
                next <- next + 1
                Leaf replacements[next - 1]
            | Branch items ->
                let built = ResizeArray<string * Tree>()

                for name, item in items do
                    built.Add(name, go item)

                Branch(List.ofSeq built)

        go tree

    let private mismatch path =
        raise (
            Contract.ArgumentValueException
                $"trees differ in structure at '{path}': gradients, state and parameters must have the same names in the same order"
        )

    /// Combines two trees of one structure, leaf by leaf. Raises ArgumentValueException where they differ.
    let map2 (f: Tensor -> Tensor -> Tensor) a b =
        let rec go path a b =
            match a, b with
            | Leaf x, Leaf y -> Leaf(f x y)
            | Branch xs, Branch ys when xs.Length = ys.Length ->
                List.map2
                    (fun (name, x) (other, y) ->
                        let path = if path = "" then name else path + "." + name

                        if name <> other then
                            mismatch path

                        name, go path x y)
                    xs
                    ys
                |> Branch
            | _ -> mismatch path

        go "" a b

    /// The subtree of this name, or none.
    let tryFind name tree =
        match tree with
        | Branch items -> items |> List.tryFind (fun (n, _) -> n = name) |> Option.map snd
        | Leaf _ -> None

    /// The subtree of this name. Raises ArgumentValueException where there is none.
    let find name tree =
        match tryFind name tree with
        | Some item -> item
        | None -> raise (Contract.ArgumentValueException $"the tree has no item '{name}'")

    /// The tensor of this name.
    let tensor name tree =
        match find name tree with
        | Leaf t -> t
        | Branch _ -> raise (Contract.ArgumentValueException $"'{name}' is a branch of the tree, not a tensor")

/// How a user's own type holds tensors. `Read` is given an example, whose parts that are not tensors it keeps.
type Codec<'P> = { Write: 'P -> Tree; Read: 'P -> Tree -> 'P }

/// Codecs by structure: tensors, trees, records, anonymous records, tuples, lists, arrays, options and maps by string.
[<AbstractClass; Sealed>]
type internal Codecs private () =
    static let describe (tree: Tree) =
        match tree with
        | Leaf _ -> "a tensor"
        | Branch items -> "items [" + (items |> List.map fst |> String.concat ", ") + "]"

    static let misfit (t: Type) expected tree =
        raise (
            Contract.ArgumentValueException
                $"the tree does not have the structure of {t.Name}: expected {expected}, but found {describe tree}"
        )

    /// The items of a branch that has exactly these names.
    static let branch (t: Type) (names: string[]) (tree: Tree) =
        match tree with
        | Branch items when
            items.Length = names.Length && List.forall2 (fun (name, _) other -> name = other) items (List.ofArray names)
            ->
            items |> List.map snd |> Array.ofList
        | _ -> misfit t ("items [" + String.concat ", " names + "]") tree

    static let numbered count = Array.init count string

    static let sequence (items: objnull seq) (write: objnull -> Tree) =
        items |> Seq.mapi (fun i item -> string i, write item) |> List.ofSeq |> Branch

    // A field may be null (None); reflection's types do not say so.
    static let reader (read: obj -> objnull[]) (x: objnull) : objnull[] = read (Unchecked.nonNull x)
    static let maker (make: objnull[] -> obj) (parts: objnull[]) : objnull = make parts

    static let rec derive (t: Type) : struct ((objnull -> Tree) * (objnull -> Tree -> objnull)) =
        let fields (types: Type[]) (names: string[]) (take: objnull -> objnull[]) (make: objnull[] -> objnull) =
            // Worked out when first used: a type may hold itself.
            let parts = types |> Array.map (fun part -> lazy (derive part))

            let write (x: objnull) =
                Array.zip3 names parts (take x)
                |> Array.map (fun (name, codec, part) -> (let struct (write, _) = codec.Value in name, write part))
                |> List.ofArray
                |> Branch

            let read (x: objnull) tree =
                Array.map3
                    (fun (codec: Lazy<_>) part tree -> (let struct (_, read) = codec.Value in read part tree))
                    parts
                    (take x)
                    (branch t names tree)
                |> make

            struct (write, read)

        if t = typeof<Tensor> then
            struct ((fun x -> Leaf(unbox x)),
                    (fun _ tree ->
                        match tree with
                        | Leaf leaf -> box leaf
                        | Branch _ -> misfit t "a tensor" tree))
        elif t = typeof<Tree> then
            struct (unbox<Tree>, (fun _ tree -> box tree))
        elif FSharpType.IsRecord(t, true) then
            let properties =
                FSharpType.GetRecordFields(t, Reflection.BindingFlags.Public ||| Reflection.BindingFlags.NonPublic)

            fields
                (properties |> Array.map _.PropertyType)
                (properties |> Array.map _.Name)
                (reader (FSharpValue.PreComputeRecordReader(t, true)))
                (maker (FSharpValue.PreComputeRecordConstructor(t, true)))
        elif FSharpType.IsTuple t then
            let types = FSharpType.GetTupleElements t

            fields
                types
                (types |> Array.mapi (fun i _ -> string i))
                (reader (FSharpValue.PreComputeTupleReader t))
                (maker (FSharpValue.PreComputeTupleConstructor t))
        elif t.IsArray then
            let element = t.GetElementType() |> Unchecked.nonNull
            let struct (write, read) = derive element

            let readAll (x: objnull) tree =
                let result = (Unchecked.nonNull x :?> Array).Clone() :?> Array

                branch t (numbered result.Length) tree
                |> Array.iteri (fun i item -> result.SetValue(read (result.GetValue i) item, i))

                box result

            struct ((fun x -> sequence (Unchecked.nonNull x :?> Array |> Seq.cast<objnull>) write), readAll)
        elif t.IsGenericType && t.GetGenericTypeDefinition() = typedefof<list<_>> then
            let struct (write, read) = derive (t.GetGenericArguments()[0])
            let cases = FSharpType.GetUnionCases t
            let empty = FSharpValue.MakeUnion(cases[0], [||])
            let cons head tail = FSharpValue.MakeUnion(cases[1], [| head; tail |])
            let items (x: objnull) = Unchecked.nonNull x :?> Collections.IEnumerable |> Seq.cast<objnull>

            let readAll (x: objnull) tree =
                let items = Array.ofSeq (items x)

                Array.map2 read items (branch t (numbered items.Length) tree)
                |> Seq.rev
                |> Seq.fold (fun tail head -> cons head tail) empty

            struct ((fun x -> sequence (items x) write), readAll)
        elif
            t.IsGenericType
            && t.GetGenericTypeDefinition() = typedefof<Map<_, _>>
            && t.GetGenericArguments()[0] = typeof<string>
        then
            let helper = typedefof<MapCodec<_>>.MakeGenericType(t.GetGenericArguments()[1])
            let codec = Activator.CreateInstance helper |> Unchecked.nonNull :?> IMapCodec
            let struct (write, read) = derive (t.GetGenericArguments()[1])

            struct ((fun x -> codec.Items x |> List.map (fun (name, item) -> name, write item) |> Branch),
                    (fun x tree ->
                        let items = codec.Items x

                        let values =
                            List.map2
                                (fun (name, item) tree -> name, read item tree)
                                items
                                (branch t (items |> List.map fst |> Array.ofList) tree |> List.ofArray)

                        codec.Make values))
        elif t.IsGenericType && t.GetGenericTypeDefinition() = typedefof<option<_>> then
            let struct (write, read) = derive (t.GetGenericArguments()[0])
            let cases = FSharpType.GetUnionCases t
            let value (x: objnull) = (t.GetProperty "Value" |> Unchecked.nonNull).GetValue x

            struct ((fun x -> if isNull x then Branch [] else Branch [ "Some", write (value x) ]),
                    (fun x tree ->
                        if isNull x then
                            x
                        else
                            FSharpValue.MakeUnion(cases[1], [| read (value x) (Array.head (branch t [| "Some" |] tree)) |])))
        else
            // Numbers, strings, functions: part of the type, no part of the tree.
            struct ((fun _ -> Branch []), (fun x _ -> x))

    static member Derive t = derive t

and internal IMapCodec =
    abstract Items: objnull -> (string * objnull) list
    abstract Make: (string * objnull) list -> objnull

and internal MapCodec<'V>() =
    interface IMapCodec with
        member _.Items x = Unchecked.nonNull x :?> Map<string, 'V> |> Map.toList |> List.map (fun (name, item) -> name, box item)
        member _.Make items = items |> List.map (fun (name, item) -> name, unbox<'V> item) |> Map.ofList |> box

[<RequireQualifiedAccess; CompilationRepresentation(CompilationRepresentationFlags.ModuleSuffix)>]
module Codec =
    type private Cache<'P>() =
        static let codec: Codec<'P> =
            let struct (write, read) = Codecs.Derive typeof<'P>

            { Write = fun x -> write (box x)
              Read = fun x tree -> unbox<'P>(read (box x) tree) }

        static member Codec = codec

    /// The codec of a type by its structure, worked out once.
    let derive<'P> : Codec<'P> = Cache<'P>.Codec

    /// The tensors in a value.
    let leaves<'P> (x: 'P) : Tensor[] =
        match box x with
        | :? Tensor as t -> [| t |]
        | _ -> Tree.leaves (derive<'P>.Write x)

    /// The value with its tensors replaced.
    let rebuild<'P> (x: 'P) (tensors: Tensor[]) : 'P =
        match box x with
        | :? Tensor -> unbox<'P>(box tensors[0])
        | _ -> derive<'P>.Read x (Tree.rebuild (derive<'P>.Write x) tensors)

    let map<'P> (f: Tensor -> Tensor) (x: 'P) : 'P = rebuild x (leaves x |> Array.map f)
