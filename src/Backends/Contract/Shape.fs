namespace Functional.Contract

open System

/// Sizes of a tensor, outermost first. Arrays for speed; nobody writes into one after it is made.
type Shape = int[]

/// Arithmetic of shapes, strides and dimensions. Strides count elements.
[<RequireQualifiedAccess>]
module Shape =
    let scalar: Shape = [||]

    /// `[2, 3]`, as PyTorch prints sizes.
    let format (shape: Shape) = "[" + String.Join(", ", shape) + "]"

    /// As PyTorch writes the sizes of matrices: 2x3.
    let times (shape: Shape) = String.Join("x", shape)

    /// The number of elements. Raises ShapeException past 2^31 - 1, the longest buffer there is.
    let count (shape: Shape) =
        let mutable n = 1L

        for size in shape do
            if size < 0 then
                raise (
                    ShapeException
                        $"Trying to create tensor with negative dimension {size}: {format shape} has a size below 0; -1 stands for an unknown size in reshape alone"
                )

            // Held just past the bound, where nothing overflows and a later size of 0 still empties the shape.
            n <- min (n * int64 size) (1L + int64 Int32.MaxValue)

        if n > int64 Int32.MaxValue then
            raise (ShapeException $"a tensor of shape {format shape} has more elements than a buffer can hold (2147483647)")

        int n

    let equal (a: Shape) (b: Shape) = obj.ReferenceEquals(a, b) || a.AsSpan().SequenceEqual(ReadOnlySpan b)

    /// Row-major strides.
    let rowMajor (shape: Shape) =
        let result = Array.zeroCreate shape.Length
        let mutable step = 1

        for i = shape.Length - 1 downto 0 do
            result[i] <- step
            step <- step * max 1 shape[i]

        result

    /// Whether these strides are row-major for this shape; dimensions of size 1 may have any stride.
    let isContiguous (shape: Shape) (strides: int[]) =
        let mutable step = 1
        let mutable ok = true
        let mutable i = shape.Length - 1

        while ok && i >= 0 do
            if shape[i] = 0 then
                i <- -1
            else
                if shape[i] <> 1 then
                    if strides[i] <> step then
                        ok <- false

                    step <- step * shape[i]

                i <- i - 1

        ok || Array.contains 0 shape

    /// A dimension counted from the front. Raises IndexException in PyTorch's words.
    let dimension (rank: int) (dim: int) =
        let low, high = if rank = 0 then -1, 0 else -rank, rank - 1

        if dim < low || dim > high then
            let meaning =
                if rank = 0 then
                    "a tensor without dimensions is taken as one of one element"
                else
                    $"the tensor's dimensions are 0 to {high}, or {low} to -1 counted from the last one"

            raise (
                IndexException
                    $"Dimension out of range (expected to be in range of [{low}, {high}], but got {dim}): dim is {dim}, and {meaning}"
            )

        if dim < 0 then dim + max 1 rank else dim

    /// A dimension that is there: a number has none. Raises IndexException in PyTorch's words.
    let ownDimension (rank: int) (dim: int) =
        if rank = 0 then
            raise (
                IndexException
                    $"Dimension specified as {dim} but tensor has no dimensions: it holds a single number (unsqueeze gives it a dimension)"
            )

        dimension rank dim

    /// The shape that the shapes of an operation's two arguments broadcast to. Raises ShapeException in PyTorch's words.
    let broadcastFor (operation: string) (a: Shape) (b: Shape) : Shape =
        if equal a b then
            a
        else
            let rank = max a.Length b.Length
            let size (s: Shape) i = (let j = i - (rank - s.Length) in if j < 0 then 1 else s[j])

            Array.init rank (fun i ->
                match size a i, size b i with
                | x, y when x = y -> x
                | 1, y -> y
                | x, 1 -> x
                | x, y ->
                    raise (
                        ShapeException
                            $"The size of tensor a ({x}) must match the size of tensor b ({y}) at non-singleton dimension {i}: {operation} of shapes {format a} and {format b}, which do not broadcast; counted from the last dimension, sizes must be equal or 1 (unsqueeze, reshape or transpose one of the two)"
                    ))

    /// The shape that two shapes broadcast to. Raises ShapeException in PyTorch's words.
    let broadcast (a: Shape) (b: Shape) : Shape = broadcastFor "an operation" a b

    /// Strides that read a tensor of `shape` as one of `target` shape, 0 where a dimension is repeated.
    let expandStrides (shape: Shape) (strides: int[]) (target: Shape) =
        let lead = target.Length - shape.Length

        if lead < 0 then
            raise (
                ShapeException
                    $"expand: the number of sizes provided ({target.Length}) must be greater or equal to the number of dimensions in the tensor ({shape.Length})"
            )

        Array.init target.Length (fun i ->
            if i < lead then
                0
            elif shape[i - lead] = target[i] then
                strides[i - lead]
            elif shape[i - lead] = 1 then
                0
            else
                raise (
                    ShapeException
                        $"The expanded size of the tensor ({target[i]}) must match the existing size ({shape[i - lead]}) at non-singleton dimension {i}.  Target sizes: {format target}.  Tensor sizes: {format shape}"
                ))

    /// Fills in a single -1. Raises ShapeException in PyTorch's words.
    let infer (elements: int) (shape: Shape) : Shape =
        let unknown = shape |> Array.filter (fun s -> s = -1) |> Array.length
        let known = shape |> Array.fold (fun n s -> if s = -1 then n else n * int64 s) 1L

        let invalid () =
            let remedy =
                if unknown = 1 then
                    $"reshape cannot find the size that is -1, as {elements} elements are no multiple of {known}"
                else
                    $"reshape keeps the number of elements, and this shape has {known}; write -1 for a size that is to be found"

            raise (ShapeException $"shape '{format shape}' is invalid for input of size {elements}: {remedy}")

        match shape |> Array.tryFind (fun s -> s < -1) with
        | Some s ->
            raise (
                ShapeException
                    $"invalid shape dimension {s}: reshape of {elements} elements to {format shape}; sizes are 0 or more, or -1 for one that is to be found"
            )
        | None -> ()

        if unknown > 1 then
            raise (
                ShapeException
                    $"only one dimension can be inferred: reshape of {elements} elements to {format shape}; give all sizes but one"
            )

        if unknown = 1 then
            if known = 0L then
                raise (
                    ShapeException
                        $"cannot reshape tensor of {elements} elements into shape {format shape} because the unspecified dimension size -1 can be any value and is ambiguous: give that size"
                )

            if int64 elements % known <> 0L then
                invalid ()

            shape |> Array.map (fun s -> if s = -1 then int (int64 elements / known) else s)
        else
            if known <> int64 elements then
                invalid ()

            shape

    /// Strides with which the same memory reads as `target`, or none where only a copy would do.
    let tryReshapeStrides (shape: Shape) (strides: int[]) (target: Shape) : int[] voption =
        if Array.contains 0 shape then
            ValueSome(rowMajor target)
        else
            // Walk both shapes from the back in blocks of equal element count; a block may only merge
            // source dimensions that lie row-major relative to each other.
            let result = Array.zeroCreate target.Length
            let mutable t = target.Length - 1
            let mutable ok = true
            let mutable s = shape.Length - 1

            while ok && s >= 0 do
                let mutable blockSize = shape[s]
                let step = strides[s]
                let mutable first = s

                while first > 0
                      && (shape[first - 1] = 1 || blockSize = 1 || strides[first - 1] = blockSize * step)
                      && blockSize <> 1 do
                    first <- first - 1
                    blockSize <- blockSize * shape[first]

                if blockSize > 1 then
                    let mutable filled = 1

                    while t >= 0 && (filled < blockSize || target[t] = 1) do
                        result[t] <- filled * step
                        filled <- filled * target[t]
                        t <- t - 1

                    if filled <> blockSize then
                        ok <- false

                s <- first - 1

            while t >= 0 do
                if target[t] <> 1 then
                    ok <- false

                t <- t - 1

            if ok then ValueSome result else ValueNone
