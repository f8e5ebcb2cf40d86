/// A cuDNN of our own: cross-correlations by definition, in memory that the emulator's kernels and the processor share.
module Functional.Laws.Gpu.FakeDnn

open System
open System.Collections.Generic
open System.Numerics
open System.Runtime.InteropServices
open Functional.Laws.Gpu.FakeBlas

type SetTensor = delegate of descriptor: nativeint * kind: int * rank: int * sizes: nativeint * strides: nativeint -> int
type SetFilter = delegate of descriptor: nativeint * kind: int * format: int * rank: int * sizes: nativeint -> int

type SetConvolution =
    delegate of
        descriptor: nativeint *
        rank: int *
        paddings: nativeint *
        strides: nativeint *
        dilations: nativeint *
        mode: int *
        compute: int ->
            int

type SetNumber = delegate of descriptor: nativeint * value: int -> int

type Find =
    delegate of
        handle: nativeint *
        first: nativeint *
        second: nativeint *
        convolution: nativeint *
        result: nativeint *
        wanted: int *
        found: nativeint *
        algorithms: nativeint ->
            int

type Pass =
    delegate of
        handle: nativeint *
        alpha: nativeint *
        firstDescriptor: nativeint *
        first: nativeint *
        secondDescriptor: nativeint *
        second: nativeint *
        convolution: nativeint *
        algorithm: int *
        workspace: nativeint *
        workspaceBytes: unativeint *
        beta: nativeint *
        resultDescriptor: nativeint *
        result: nativeint ->
            int

type private Descriptor =
    | Unset
    | Images of kind: int * sizes: int[]
    | Filters of kind: int * sizes: int[]
    | Convolution of paddings: int[] * strides: int[] * dilations: int[] * compute: int * groups: int * math: int

let private ints count (address: nativeint) = Array.init count (fun i -> Marshal.ReadInt32(address, 4 * i))

let private isPositive = Array.forall (fun size -> size > 0)

/// cudnnDataType_t as cudaDataType.
let private stored =
    function
    | 0 -> 0
    | 1 -> 1
    | 2 -> 2
    | _ -> 14

/// All positions within sizes, row-major.
let rec private positions (sizes: int list) : int list seq =
    match sizes with
    | [] -> Seq.singleton []
    | size :: rest -> Seq.init size id |> Seq.collect (fun i -> positions rest |> Seq.map (fun more -> i :: more))

let private flat (sizes: int[]) (at: int list) = Seq.fold2 (fun index size i -> index * int64 size + int64 i) 0L sizes at

/// Every product of one input, one weight and one output element that a convolution consists of.
let private meetings (input: int[]) (weight: int[]) (output: int[]) paddings strides dilations groups = seq {
    let spatial = List.ofArray weight[2..]
    let perGroup = output[1] / groups

    for image in 0 .. output[0] - 1 do
        for channel in 0 .. output[1] - 1 do
            for pixel in positions (List.ofArray output[2..]) do
                for source in 0 .. weight[1] - 1 do
                    for tap in positions spatial do
                        let from =
                            List.mapi2
                                (fun d p t -> p * Array.item d strides - Array.item d paddings + t * Array.item d dilations)
                                pixel
                                tap

                        if List.forall2 (fun i size -> i >= 0 && i < size) from (List.ofArray input[2..]) then
                            struct (flat input (image :: (channel / perGroup * weight[1] + source) :: from),
                                    flat weight (channel :: source :: tap),
                                    flat output (image :: channel :: pixel))
}

/// The library, and what it was asked for. Its first algorithm always counts as one that sums in any order.
let make () =
    let record = Record()
    let descriptors = Dictionary<nativeint, Descriptor>()
    let isStreamSet = ref false
    let wrong = 3

    let check what isRight =
        if not isRight then
            record.Mistakes.Add what

        isRight

    let create =
        Create(fun address ->
            let descriptor = nativeint (descriptors.Count + 1)
            descriptors[descriptor] <- Unset
            Marshal.WriteIntPtr(address, descriptor)
            0)

    /// Sets a descriptor that was created, if what is told of it holds.
    let set descriptor isRight value =
        if check "a descriptor that was created" (descriptors.ContainsKey descriptor) && isRight then
            descriptors[descriptor] <- value
            0
        else
            wrong

    let rowMajor (sizes: int[]) = Array.init sizes.Length (fun d -> Array.fold (*) 1 sizes[d + 1 ..])

    /// Input, weight and output of three descriptors in the order of a pass.
    let parts pass first second result =
        match pass with
        | 0 -> struct (descriptors[first], descriptors[second], descriptors[result])
        | 1 -> struct (descriptors[result], descriptors[first], descriptors[second])
        | _ -> struct (descriptors[first], descriptors[result], descriptors[second])

    let fits pass first second convolution result =
        match parts pass first second result, descriptors[convolution] with
        | struct (Images(kind, input), Filters(kind', weight), Images(kind'', output)),
          Convolution(paddings, strides, dilations, compute, groups, _) ->
            let reach d = (weight[d + 2] - 1) * dilations[d] + 1

            kind = kind'
            && kind = kind''
            && compute = (if kind = 1 then 1 else 0)
            && input.Length = weight.Length
            && paddings.Length = input.Length - 2
            && input[0] = output[0]
            && weight[0] = output[1]
            && weight[1] * groups = input[1]
            && Seq.forall
                (fun d -> output[d + 2] = (input[d + 2] + 2 * paddings[d] - reach d) / strides[d] + 1)
                [ 0 .. paddings.Length - 1 ]
        | _ -> false

    let find pass =
        Find(fun _ first second convolution result wanted found algorithms ->
            if check "descriptors that fit each other" (fits pass first second convolution result) && wanted >= 2 then
                let math =
                    match descriptors[convolution] with
                    | Convolution(_, _, _, _, _, math) -> math
                    | _ -> 0

                // algo, status, time, memory, determinism, mathType, reserved[3]: 48 bytes with the padding of C.
                [ 7, 0; 1, 1 ]
                |> List.iteri (fun i (algorithm, determinism) ->
                    let at = algorithms + nativeint (48 * i)
                    Marshal.WriteInt32(at, algorithm)
                    Marshal.WriteInt32(at, 4, 0)
                    Marshal.WriteInt32(at, 8, BitConverter.SingleToInt32Bits -1.0f)
                    Marshal.WriteInt64(at, 16, 1024L)
                    Marshal.WriteInt32(at, 24, determinism)
                    Marshal.WriteInt32(at, 28, math))

                Marshal.WriteInt32(found, 2)
                0
            else
                wrong)

    let run pass =
        Pass
            (fun
                _
                alpha
                firstDescriptor
                first
                secondDescriptor
                second
                convolution
                algorithm
                workspace
                bytes
                beta
                resultDescriptor
                result ->
                record.Calls <- record.Calls + 1

                match
                    parts pass firstDescriptor secondDescriptor resultDescriptor,
                    descriptors[convolution],
                    fits pass firstDescriptor secondDescriptor convolution resultDescriptor
                with
                | struct (Images(kind, input), Filters(_, weight), Images(_, output)),
                  Convolution(paddings, strides, dilations, _, groups, math),
                  true ->
                    let number (at: nativeint) =
                        if kind = 1 then
                            BitConverter.Int64BitsToDouble(Marshal.ReadInt64 at)
                        else
                            float (BitConverter.Int32BitsToSingle(Marshal.ReadInt32 at))

                    record.Maths.Add math |> ignore

                    let allowed =
                        [ check "a stream" isStreamSet.Value
                          check "the deterministic algorithm" (algorithm = 1)
                          check "its workspace" (workspace <> 0n && bytes = 1024un)
                          check "alpha and beta" (number alpha = 1.0 && number beta = 0.0) ]

                    if List.contains false allowed then
                        wrong
                    else
                        let kind = stored kind

                        let sizes =
                            match pass with
                            | 0 -> output
                            | 1 -> input
                            | _ -> weight

                        let sums = Array.zeroCreate<float>(Array.fold (*) 1 sizes)

                        for struct (i, w, o) in meetings input weight output paddings strides dilations groups do
                            let x, y, at =
                                match pass with
                                | 0 -> i, w, o
                                | 1 -> w, o, i
                                | _ -> i, o, w

                            sums[int at] <- sums[int at] + (read kind first x).Real * (read kind second y).Real

                        sums |> Array.iteri (fun at sum -> write kind result (int64 at) (Complex(sum, 0.0)))
                        0
                | _ ->
                    record.Mistakes.Add "descriptors that fit each other"
                    wrong)

    let change descriptor changed =
        match descriptors[descriptor] with
        | Convolution(paddings, strides, dilations, compute, groups, math) ->
            let groups, math = changed (groups, math)
            descriptors[descriptor] <- Convolution(paddings, strides, dilations, compute, groups, math)
            0
        | _ -> wrong

    let functions =
        [ named "cudnnCreate" create
          named
              "cudnnSetStream"
              (SetStream(fun _ _ ->
                  isStreamSet.Value <- true
                  0))
          named "cudnnCreateTensorDescriptor" create
          named "cudnnCreateFilterDescriptor" create
          named "cudnnCreateConvolutionDescriptor" create
          named
              "cudnnSetTensorNdDescriptor"
              (SetTensor(fun descriptor kind rank sizes strides ->
                  let sizes, strides = ints rank sizes, ints rank strides
                  let isDense = check "dense tensors" (not (isPositive sizes) || strides = rowMajor sizes)
                  let isKnown = rank >= 4 && List.contains kind [ 0; 1; 2; 9 ]
                  set descriptor (isKnown && isPositive sizes && isDense) (Images(kind, sizes))))
          named
              "cudnnSetFilterNdDescriptor"
              (SetFilter(fun descriptor kind format rank sizes ->
                  let sizes = ints rank sizes
                  set descriptor (rank >= 4 && isPositive sizes && format = 0) (Filters(kind, sizes))))
          named
              "cudnnSetConvolutionNdDescriptor"
              (SetConvolution(fun descriptor rank paddings strides dilations mode compute ->
                  let isRight = check "a cross-correlation of two dimensions or more" (rank >= 2 && mode = 1)
                  set descriptor isRight (Convolution(ints rank paddings, ints rank strides, ints rank dilations, compute, 1, 0))))
          named
              "cudnnSetConvolutionGroupCount"
              (SetNumber(fun descriptor groups -> change descriptor (fun (_, math) -> groups, math)))
          named
              "cudnnSetConvolutionMathType"
              (SetNumber(fun descriptor math -> change descriptor (fun (groups, _) -> groups, math)))
          named "cudnnGetConvolutionForwardAlgorithm_v7" (find 0)
          named "cudnnGetConvolutionBackwardDataAlgorithm_v7" (find 1)
          named "cudnnGetConvolutionBackwardFilterAlgorithm_v7" (find 2)
          named "cudnnConvolutionForward" (run 0)
          named "cudnnConvolutionBackwardData" (run 1)
          named "cudnnConvolutionBackwardFilter" (run 2) ]

    library "cuDNN by definition" functions, record
