namespace Functional.Golden

open System
open System.Collections.Generic
open System.IO
open System.Numerics
open System.Runtime.InteropServices
open System.Text.Json
open Functional.Torch

/// The tensors of one operator's cases: a safetensors file.
type Archive(path: string) =
    let bytes = if File.Exists path then File.ReadAllBytes path else [||]
    let header = if bytes.Length = 0 then 0 else int (BitConverter.ToInt64(bytes, 0))

    let entries =
        let found = Dictionary<string, string * int64[] * int * int>()

        if header > 0 then
            use document = JsonDocument.Parse(ReadOnlyMemory(bytes, 8, header))

            for entry in document.RootElement.EnumerateObject() do
                if entry.Name <> "__metadata__" then
                    let shape = [| for s in entry.Value.GetProperty("shape").EnumerateArray() -> s.GetInt64() |]
                    let offsets = entry.Value.GetProperty "data_offsets"
                    let start, stop = offsets[0].GetInt32(), offsets[1].GetInt32()

                    found[entry.Name] <-
                        (string (entry.Value.GetProperty("dtype").GetString()), shape, 8 + header + start, stop - start)

        found

    let items (name: string) =
        let _, _, start, length = entries[name]
        ReadOnlySpan(bytes, start, length)

    let array (name: string) : 'T[] = MemoryMarshal.Cast<byte, 'T>(items name).ToArray()

    /// A new tensor with the elements that the file holds under this name.
    member _.Real(name: string) : torch.Tensor =
        let dtype, shape, _, _ = entries[name]

        match dtype with
        | "F64" -> torch.tensor ((array name: double[]), shape)
        | "F32" -> torch.tensor ((array name: float32[]), shape)
        | "F16" -> torch.tensor ((array name: Half[]), shape)
        | "BF16" ->
            // bfloat16 is the upper half of float32.
            let widened =
                (array name: uint16[]) |> Array.map (fun half -> BitConverter.UInt32BitsToSingle(uint32 half <<< 16))

            torch.tensor (widened, shape, torch.ScalarType.BFloat16)
        | "I64" -> torch.tensor ((array name: int64[]), shape)
        | "I32" -> torch.tensor ((array name: int[]), shape)
        | "I16" -> torch.tensor ((array name: int16[]), shape)
        | "I8" -> torch.tensor ((array name: sbyte[]), shape)
        | "U8" -> torch.tensor ((array name: byte[]), shape)
        | "BOOL" -> torch.tensor ((array name: bool[]), shape)
        | other -> raise (Lacking $"the dtype {other}")

    /// The complex tensor whose parts stand under two names.
    member this.Complex(name: string) : torch.Tensor =
        let dtype, shape, _, _ = entries[name + "_re"]
        let double part = Numbers.doubles (this.Real(name + part))
        let numbers = Array.map2 (fun re im -> Complex(re, im)) (double "_re") (double "_im")

        torch.tensor (
            numbers,
            shape,
            (if dtype = "F32" then
                 torch.ScalarType.ComplexFloat32
             else
                 torch.ScalarType.ComplexFloat64)
        )
