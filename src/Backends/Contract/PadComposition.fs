namespace Functional.Contract

/// Padding by copies, for backends without a kernel of their own.
[<RequireQualifiedAccess>]
module PadComposition =
    /// As Pad: the value everywhere, then the source in its place.
    let pad (backend: IBackend) (source: View) (shape: Shape) (start: int[]) (value: View) : Buffer =
        let result = backend.Allocate(source.Dtype, Shape.count shape)
        let whole = View.contiguous shape result
        backend.Copy({ value with Shape = shape; Strides = Array.zeroCreate shape.Length }, whole)

        if not (Array.contains 0 source.Shape) then
            let offset = Array.fold2 (fun offset at stride -> offset + at * stride) 0 start whole.Strides
            backend.Copy(source, { whole with Offset = offset; Shape = source.Shape })

        result
