/// A cuBLAS of our own: column-major products by definition, in memory that the emulator's kernels and the processor share. Whatever
/// the real one would refuse it refuses, and remembers.
module Functional.Laws.Gpu.FakeBlas

open System
open System.Collections.Generic
open System.Numerics
open System.Runtime.InteropServices
open Functional.Gpu

/// A library whose functions are these.
let library name (functions: (string * Delegate) list) =
    let addresses = dict [ for name, call in functions -> name, Marshal.GetFunctionPointerForDelegate call ]

    let find name =
        match addresses.TryGetValue name with
        | true, address -> address
        | _ -> 0n

    // The delegates live as long as whoever may call them.
    CudaLibrary(
        name,
        fun name ->
            GC.KeepAlive functions
            find name
    )

/// A function by its name.
let named name (call: #Delegate) = name, (call :> Delegate)

type Create = delegate of nativeint -> int
type Destroy = delegate of nativeint -> int
type SetStream = delegate of nativeint * nativeint -> int
type SetMath = delegate of nativeint * int -> int

/// cublasGemmStridedBatchedEx, as cublas_api.h has it.
type Gemm =
    delegate of
        handle: nativeint *
        transA: int *
        transB: int *
        m: int *
        n: int *
        k: int *
        alpha: nativeint *
        a: nativeint *
        typeA: int *
        lda: int *
        stepA: int64 *
        b: nativeint *
        typeB: int *
        ldb: int *
        stepB: int64 *
        beta: nativeint *
        c: nativeint *
        typeC: int *
        ldc: int *
        stepC: int64 *
        count: int *
        compute: int *
        algorithm: int ->
            int

/// The bytes of an element of a cudaDataType.
let private sizes = dict [ 0, 4; 1, 8; 2, 2; 14, 2; 4, 8; 5, 16 ]

let private real (address: nativeint) = BitConverter.Int32BitsToSingle(Marshal.ReadInt32 address) |> float

let private double (address: nativeint) = BitConverter.Int64BitsToDouble(Marshal.ReadInt64 address)

/// An element of a cudaDataType.
let read kind (start: nativeint) (index: int64) =
    let at = start + nativeint (index * int64 sizes[kind])

    match kind with
    | 0 -> Complex(real at, 0.0)
    | 1 -> Complex(double at, 0.0)
    | 2 -> Complex(float (BitConverter.Int16BitsToHalf(Marshal.ReadInt16 at)), 0.0)
    | 14 -> Complex(float (BitConverter.Int32BitsToSingle(int (Marshal.ReadInt16 at) <<< 16)), 0.0)
    | 4 -> Complex(real at, real (at + 4n))
    | _ -> Complex(double at, double (at + 8n))

/// The nearest bfloat16, the even one of two.
let private brain (value: float) =
    let bits = BitConverter.SingleToUInt32Bits(float32 value)

    if Double.IsNaN value then
        0x7FC0s
    else
        int16 ((bits + 0x7FFFu + ((bits >>> 16) &&& 1u)) >>> 16)

let private writeReal (address: nativeint) (value: float) =
    Marshal.WriteInt32(address, BitConverter.SingleToInt32Bits(float32 value))

let private writeDouble (address: nativeint) (value: float) = Marshal.WriteInt64(address, BitConverter.DoubleToInt64Bits value)

let write kind (start: nativeint) (index: int64) (value: Complex) =
    let at = start + nativeint (index * int64 sizes[kind])

    match kind with
    | 0 -> writeReal at value.Real
    | 1 -> writeDouble at value.Real
    | 2 -> Marshal.WriteInt16(at, BitConverter.HalfToInt16Bits((Half.op_Explicit value.Real: Half)))
    | 14 -> Marshal.WriteInt16(at, brain value.Real)
    | 4 ->
        writeReal at value.Real
        writeReal (at + 4n) value.Imaginary
    | _ ->
        writeDouble at value.Real
        writeDouble (at + 8n) value.Imaginary

/// x * y, as real numbers where both types are real: 0 * inf is nan there in one part only.
let multiply isComplex (x: Complex) (y: Complex) = if isComplex then x * y else Complex(x.Real * y.Real, 0.0)

/// What came of the calls.
type Record() =
    member val Calls = 0 with get, set
    member val Computes = HashSet<int>()
    member val Maths = HashSet<int>()
    /// Calls that the library's manual does not allow.
    member val Mistakes = List<string>()

[<Literal>]
let private Handle = 4711

/// The library, and what it was asked for.
let make () =
    let record = Record()
    let isStreamSet = ref false

    let check what isRight =
        if not isRight then
            record.Mistakes.Add what

        isRight

    let gemm =
        Gemm
            (fun
                handle
                transA
                transB
                m
                n
                k
                alpha
                a
                typeA
                lda
                stepA
                b
                typeB
                ldb
                stepB
                beta
                c
                typeC
                ldc
                stepC
                count
                compute
                algorithm ->
                let isComplex = typeA = 4 || typeA = 5
                let isDouble = typeA = 1 || typeA = 5
                let scale at = if isDouble then double at else real at
                record.Calls <- record.Calls + 1
                record.Computes.Add compute |> ignore

                let allowed =
                    [ check "the handle" (handle = nativeint Handle && isStreamSet.Value)
                      check "operations" (List.contains transA [ 0; 1 ] && List.contains transB [ 0; 1 ])
                      check "types" (sizes.ContainsKey typeA && typeB = typeA && typeC = typeA)
                      check
                          "the compute type"
                          (compute = (if isDouble then 70 else 68) || compute = 77 && not isDouble && typeA <> 2)
                      check "sizes" (m > 0 && n > 0 && k > 0 && count > 0)
                      check "the lead of A" (lda >= (if transA = 0 then m else k))
                      check "the lead of B" (ldb >= (if transB = 0 then k else n))
                      check "the lead of C" (ldc >= m)
                      check "results of several products apart" (count = 1 || stepC >= int64 ldc * int64 n)
                      check "alpha and beta" (scale alpha = 1.0 && scale beta = 0.0)
                      check "the algorithm" (algorithm = -1) ]

                if List.contains false allowed then
                    7
                else
                    for product in 0L .. int64 count - 1L do
                        for row in 0L .. int64 m - 1L do
                            for column in 0L .. int64 n - 1L do
                                let mutable sum = Complex.Zero

                                for depth in 0L .. int64 k - 1L do
                                    let x = if transA = 0 then row + depth * int64 lda else depth + row * int64 lda
                                    let y = if transB = 0 then depth + column * int64 ldb else column + depth * int64 ldb

                                    sum <-
                                        sum
                                        + multiply
                                            isComplex
                                            (read typeA a (product * stepA + x))
                                            (read typeB b (product * stepB + y))

                                write typeC c (product * stepC + row + column * int64 ldc) sum

                    0)

    let functions =
        [ named
              "cublasCreate_v2"
              (Create(fun handle ->
                  Marshal.WriteIntPtr(handle, nativeint Handle)
                  0))
          named "cublasDestroy_v2" (Destroy(fun _ -> 0))
          named
              "cublasSetStream_v2"
              (SetStream(fun handle _ ->
                  isStreamSet.Value <- (handle = nativeint Handle)
                  0))
          named
              "cublasSetMathMode"
              (SetMath(fun _ mode ->
                  record.Maths.Add mode |> ignore
                  0))
          named "cublasGemmStridedBatchedEx" gemm ]

    library "cuBLAS by definition" functions, record
