namespace Functional.Serialize

open System
open System.IO
open System.Text.Json
open Functional.Contract

/// One tensor as a safetensors header describes it; offsets count from the end of the header.
[<NoComparison; NoEquality>]
type internal SafetensorsEntry = { Name: string; Dtype: Dtype; Shape: Shape; Start: int64; End: int64 }

/// The JSON at the front of a safetensors file (https://huggingface.co/docs/safetensors).
[<RequireQualifiedAccess>]
module internal SafetensorsHeader =
    /// The format's own bound.
    let maximumLength = 100_000_000L

    let private metadataKey = "__metadata__"

    // In the order in which the reference writer ranks them, the rank being the first key of its sorting.
    let private dtypeNames =
        [| Bool, "BOOL"
           UInt8, "U8"
           Int8, "I8"
           Int16, "I16"
           Float16, "F16"
           BFloat16, "BF16"
           Int32, "I32"
           Float32, "F32"
           Complex64, "C64"
           Float64, "F64"
           Int64, "I64" |]

    let rank dtype = dtypeNames |> Array.findIndex (fun (d, _) -> d = dtype)

    /// Raises DtypeException for complex128, which the format has no name for.
    let dtypeName tensor dtype =
        match dtypeNames |> Array.tryFind (fun (d, _) -> d = dtype) with
        | Some(_, name) -> name
        | None ->
            raise (
                DtypeException
                    $"safetensors has no name for {Dtype.name dtype}, the dtype of '{tensor}': store its real and imaginary parts"
            )

    let private refuse file what = raise (FileFormatException $"Error while deserializing header: {what} (in '{file}')")

    let private number file name (element: JsonElement) =
        let value =
            match element.ValueKind with
            | JsonValueKind.Number ->
                match element.TryGetInt64() with
                | true, value when value >= 0L -> ValueSome value
                | _ -> ValueNone
            | _ -> ValueNone

        match value with
        | ValueSome value -> value
        | ValueNone -> refuse file $"'{name}' holds {element.GetRawText()} where a size or an offset should be"

    let private numbers file name (element: JsonElement) =
        if element.ValueKind <> JsonValueKind.Array then
            refuse file $"'{name}' needs an array of integers, not {element.ValueKind}"

        [| for item in element.EnumerateArray() -> number file name item |]

    let private listed (values: int64[]) = "[" + String.Join(", ", values) + "]"

    let private shape file name (element: JsonElement) : Shape =
        let sizes = numbers file name element

        let tooLarge () = refuse file $"validation overflow: '{name}' has shape {listed sizes}, more than a tensor can hold"

        if sizes |> Array.exists (fun size -> size > int64 Int32.MaxValue) then
            tooLarge ()

        let shape = sizes |> Array.map int

        try
            Shape.count shape |> ignore
            shape
        with :? ShapeException ->
            tooLarge ()

    let private dtype file name (element: JsonElement) =
        let known () = String.Join(", ", dtypeNames |> Array.map snd)

        match element.ValueKind with
        | JsonValueKind.String ->
            let text = string (element.GetString())

            match dtypeNames |> Array.tryFind (fun (_, name) -> name = text) with
            | Some(dtype, _) -> dtype
            | None -> refuse file $"'{name}' has dtype '{text}'; supported are {known ()}"
        | kind -> refuse file $"'{name}' needs a dtype as text, not {kind}"

    let private entry file (property: JsonProperty) =
        let name = property.Name

        if property.Value.ValueKind <> JsonValueKind.Object then
            refuse file $"'{name}' needs an object, not {property.Value.ValueKind}"

        let field (key: string) =
            match property.Value.TryGetProperty key with
            | true, value -> value
            | _ -> refuse file $"'{name}' lacks '{key}'"

        let dtype = dtype file name (field "dtype")
        let shape = shape file name (field "shape")

        match numbers file name (field "data_offsets") with
        | [| start; stop |] when start <= stop ->
            let bytes = int64 (Shape.count shape) * int64 (Dtype.size dtype)

            if stop - start <> bytes then
                refuse
                    file
                    $"tensor info invalid: '{name}' is {Dtype.name dtype} {Shape.format shape}, {bytes} bytes, but claims [{start}, {stop}]"

            { Name = name; Dtype = dtype; Shape = shape; Start = start; End = stop }
        | offsets -> refuse file $"invalid offset: '{name}' claims {listed offsets}"

    let private metadata file (element: JsonElement) =
        if element.ValueKind <> JsonValueKind.Object then
            refuse file $"'{metadataKey}' needs texts by name, not {element.ValueKind}"

        Map
            [ for property in element.EnumerateObject() do
                  if property.Value.ValueKind <> JsonValueKind.String then
                      refuse
                          file
                          $"'{metadataKey}' holds {property.Value.ValueKind} for '{property.Name}'; only texts are allowed"

                  property.Name, string (property.Value.GetString()) ]

    /// Tensors must lie one after the other and fill the data part: no overlap, no hole, no byte that nobody claims.
    let private checkCover file (dataLength: int64) (entries: SafetensorsEntry[]) =
        let reached =
            (0L, entries)
            ||> Array.fold (fun reached entry ->
                if entry.Start <> reached then
                    refuse
                        file
                        $"invalid offset: '{entry.Name}' starts at {entry.Start}, but the data before it ends at {reached}"

                entry.End)

        if reached <> dataLength then
            refuse file $"incomplete metadata, file not fully covered: the tensors take {reached} bytes of {dataLength}"

    /// Tensors in the order of their data, and the metadata. Raises FileFormatException.
    let parse file (dataLength: int64) (header: ReadOnlyMemory<byte>) =
        if header.Length = 0 || header.Span[0] <> byte '{' then
            refuse file "the header must begin with '{'"

        try
            use document = JsonDocument.Parse(header, JsonDocumentOptions(MaxDepth = 8, AllowDuplicateProperties = false))

            let properties = document.RootElement.EnumerateObject() |> Seq.toArray

            let metadata =
                properties
                |> Array.tryFind (fun property -> property.NameEquals metadataKey)
                |> Option.map (fun property -> metadata file property.Value)
                |> Option.defaultValue Map.empty

            let entries =
                properties
                |> Array.filter (fun property -> not (property.NameEquals metadataKey))
                |> Array.map (entry file)
                |> Array.sortBy (fun entry -> struct (entry.Start, entry.End))

            checkCover file dataLength entries
            struct (entries, metadata)
        with
        | :? JsonException as error -> refuse file $"invalid JSON: {error.Message}"
        // Text that is valid JSON but no valid Unicode.
        | :? InvalidOperationException as error -> refuse file $"invalid text: {error.Message}"

    /// The header with its length in front, padded with spaces so that the data starts at a multiple of 8.
    let format (metadata: Map<string, string>) (entries: SafetensorsEntry seq) =
        use buffer = new MemoryStream()
        buffer.Write(ReadOnlySpan(Array.zeroCreate<byte> 8))

        do
            let options = JsonWriterOptions(Encoder = Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping)
            use json = new Utf8JsonWriter(buffer, options)
            json.WriteStartObject()

            if not metadata.IsEmpty then
                json.WriteStartObject metadataKey
                metadata |> Map.iter (fun key value -> json.WriteString(key, value))
                json.WriteEndObject()

            for entry in entries do
                json.WriteStartObject entry.Name
                json.WriteString("dtype", dtypeName entry.Name entry.Dtype)
                json.WriteStartArray "shape"
                entry.Shape |> Array.iter json.WriteNumberValue
                json.WriteEndArray()
                json.WriteStartArray "data_offsets"
                json.WriteNumberValue entry.Start
                json.WriteNumberValue entry.End
                json.WriteEndArray()
                json.WriteEndObject()

            json.WriteEndObject()

        while buffer.Length % 8L <> 0L do
            buffer.WriteByte(byte ' ')

        let bytes = buffer.ToArray()
        Buffers.Binary.BinaryPrimitives.WriteInt64LittleEndian(Span(bytes, 0, 8), int64 bytes.Length - 8L)
        bytes
