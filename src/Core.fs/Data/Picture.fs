namespace Functional

open System
open System.IO
open Functional.Contract
open Functional.Data
open StbImageWriteSharp

/// A picture of 8-bit pixels, row by row; three bytes (red, green, blue) each.
[<ReferenceEquality; NoComparison>]
type Picture = { Width: int; Height: int; Pixels: ReadOnlyMemory<byte> }

/// A digit that a network took for another: which picture of a set it is, what it shows and what it was taken for.
[<Struct>]
type Mistake = { Index: int; Truth: int; Predicted: int }

/// Making pictures and writing them.
[<RequireQualifiedAccess; CompilationRepresentation(CompilationRepresentationFlags.ModuleSuffix)>]
module Picture =
    /// Red, green and blue of each pixel, from 0 (none) to 1, asked for by column and row.
    let create width height (colour: int -> int -> struct (float * float * float)) =
        let level value = byte (Math.Clamp(255.0 * value + 0.5, 0.0, 255.0))

        let pixels = Array.zeroCreate<byte>(3 * width * height)

        for y in 0 .. height - 1 do
            for x in 0 .. width - 1 do
                let struct (red, green, blue) = colour x y
                let at = 3 * (y * width + x)
                pixels[at] <- level red
                pixels[at + 1] <- level green
                pixels[at + 2] <- level blue

        { Width = width; Height = height; Pixels = ReadOnlyMemory pixels }

    /// The bytes of a PNG file.
    let toPng (picture: Picture) =
        use stream = new MemoryStream()

        ImageWriter().WritePng(picture.Pixels.ToArray(), picture.Width, picture.Height, ColorComponents.RedGreenBlue, stream)

        stream.ToArray()

    /// Writes a PNG file, atomically.
    let savePng path picture = AtomicFile.writeBytes path (ReadOnlyMemory(toPng picture))

    // ---- the sheet of mistakes ----

    let private zoom = 3
    let private side = DrawnDigits.Size * zoom
    let private margin = 8
    let private captionHeight = 24
    let private cellWidth = side + 2 * margin
    let private cellHeight = side + captionHeight + 2 * margin

    let private glyphWidth = 14
    let private glyphHeight = 18

    let private onGlyph (p: Point) = { X = 2.0 + float (glyphWidth - 4) * p.X; Y = 2.5 + float (glyphHeight - 5) * p.Y }

    let private glyph strokes = strokes |> Array.map (Array.map onGlyph >> Pen.smooth 6) |> Pen.ink glyphWidth glyphHeight 0.8 1.0

    /// The ten digits in their plainest hand, and an arrow.
    let private glyphs =
        lazy (Array.append (DigitShapes.all |> Array.map (fun hands -> glyph hands[0])) [| glyph DigitShapes.arrow |])

    let private arrow = 10
    let private paper = struct (1.0, 1.0, 1.0)
    let private grey = struct (0.55, 0.57, 0.60)
    let private right = struct (0.05, 0.42, 0.28)
    let private wrong = struct (0.78, 0.16, 0.12)

    let private inked struct (red, green, blue) amount =
        let mix level = 1.0 - amount * (1.0 - level)
        struct (mix red, mix green, mix blue)

    /// The caption: what it is in green, an arrow, what it was taken for in red.
    let private caption (mistake: Mistake) x y =
        let place = x - (side - 3 * glyphWidth) / 2
        let row = y - (captionHeight - glyphHeight)

        if place < 0 || place >= 3 * glyphWidth || row < 0 || row >= glyphHeight then
            paper
        else
            let sign, colour =
                match place / glyphWidth with
                | 0 -> mistake.Truth, right
                | 1 -> arrow, grey
                | _ -> mistake.Predicted, wrong

            inked colour (glyphs.Value[sign][row * glyphWidth + place % glyphWidth])

    let private cell (images: StoredTensor) (mistake: Mistake) x y =
        let x, y = x - margin, y - margin

        if x < 0 || x >= side || y < 0 then
            paper
        elif y < side then
            let size = DrawnDigits.Size
            let value = images.Data.Span[(mistake.Index * size + y / zoom) * size + x / zoom]
            inked struct (0.08, 0.09, 0.12) (float value / 255.0)
        else
            caption mistake x (y - side)

    let private check (images: StoredTensor) mistakes =
        match images.Shape with
        | [| n; DrawnDigits.Size; DrawnDigits.Size |] when images.Dtype = UInt8 ->
            for mistake in mistakes do
                if mistake.Index < 0 || mistake.Index >= n then
                    raise (IndexException $"index {mistake.Index} is out of bounds for dimension 0 with size {n}")

                if min mistake.Truth mistake.Predicted < 0 || max mistake.Truth mistake.Predicted > 9 then
                    raise (ArgumentValueException $"mistakes: {mistake.Truth} -> {mistake.Predicted}: both must be digits")
        | _ ->
            raise (
                ShapeException $"mistakes: expected uint8 [n, 28, 28], got {Dtype.name images.Dtype} {Shape.format images.Shape}"
            )

    /// A sheet of digits that were taken for others, `columns` in a row, each with what it is and what it was taken for below.
    /// `images` is uint8 [n, 28, 28]. Without mistakes the sheet is one empty cell.
    let mistakes columns (images: StoredTensor) (mistakes: Mistake[]) =
        check images mistakes
        let columns = max 1 (min columns mistakes.Length)
        let rows = max 1 ((mistakes.Length + columns - 1) / columns)

        create (columns * cellWidth) (rows * cellHeight) (fun x y ->
            match Array.tryItem (y / cellHeight * columns + x / cellWidth) mistakes with
            | Some mistake -> cell images mistake (x % cellWidth) (y % cellHeight)
            | None -> paper)
