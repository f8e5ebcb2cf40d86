/// Pictures and curves that a training run leaves behind.
module Functional.Laws.PictureTests

open System
open System.IO
open System.Xml.Linq
open Expecto
open FsCheck.FSharp
open StbImageSharp
open Functional
open Functional.Contract
open Functional.Laws.FileSamples

let private digits = DrawnDigits.draw 3UL 0UL 7

let private mistakes count =
    [| for i in 0 .. count - 1 -> { Index = i; Truth = int digits.Labels.Data.Span[i]; Predicted = 9 - i } |]

let private pictures =
    [ test "a PNG holds the pixels that went in" {
          let picture = Picture.create 5 3 (fun x y -> struct (float x / 4.0, float y / 2.0, 2.0))
          let read = ImageResult.FromMemory(Picture.toPng picture, ColorComponents.RedGreenBlue)
          Expect.equal (read.Width, read.Height) (5, 3) "size"
          Expect.equal read.Data (picture.Pixels.ToArray()) "pixels"
          Expect.equal read.Data[..2] [| 0uy; 0uy; 255uy |] "the first pixel, clamped"
      }
      test "a sheet of mistakes has a cell for each, and is one empty cell without any" {
          let sheet count = Picture.mistakes 3 digits.Images (mistakes count)
          let one = sheet 1
          let seven = sheet 7
          let none = sheet 0
          Expect.equal (seven.Width, seven.Height) (3 * one.Width, 3 * one.Height) "three rows of three"
          Expect.equal (none.Width, none.Height) (one.Width, one.Height) "one cell"
          Expect.isTrue (none.Pixels.ToArray() |> Array.forall ((=) 255uy)) "empty"
          Expect.isTrue (one.Pixels.ToArray() |> Array.exists (fun level -> level < 60uy)) "ink"
          // Red ink, as in what the digit was taken for, stands only under the picture.
          let isRed i = seven.Pixels.Span[3 * i] > 180uy && seven.Pixels.Span[3 * i + 1] < 60uy
          Expect.isTrue (Seq.exists isRed (seq { 0 .. seven.Width * seven.Height - 1 })) "a caption"
      }
      test "mistakes that do not fit the pictures are refused" {
          let sheet images mistake () = Picture.mistakes 3 images [| mistake |] |> ignore
          let mistake = { Index = 0; Truth = 1; Predicted = 2 }
          Expect.throwsT<IndexException> (sheet digits.Images { mistake with Index = 7 }) "index"
          Expect.throwsT<ArgumentValueException> (sheet digits.Images { mistake with Predicted = 10 }) "digit"
          Expect.throwsT<ShapeException> (sheet digits.Labels mistake) "images"
      } ]

let private svg panels = XDocument.Parse(Curve.toSvg "a <b> & \"c\"" "epoch" panels)

let private named (document: XDocument) name =
    document.Descendants() |> Seq.filter (fun element -> element.Name.LocalName = name) |> Seq.toList

let private attribute (name: string) (element: XElement) =
    match element.Attribute(XName.Get name) with
    | null -> failtest $"no {name}"
    | found -> found.Value

let private curves =
    [ test "two panels with their lines, names and ticks" {
          let line name = { Name = name; Points = [| for i in 0..100 -> float i, 1.0 / float (i + 1) |] }

          let document =
              svg
                  [ { Label = "loss"; Series = [ line "training"; line "test" ] }
                    { Label = "accuracy"; Series = [ line "test" ] } ]

          Expect.hasLength (named document "polyline") 3 "lines"
          let texts = named document "text" |> List.map (fun element -> element.Value)

          for expected in [ "a <b> & \"c\""; "loss"; "accuracy"; "epoch"; "training"; "test"; "0.2"; "1.0"; "100" ] do
              Expect.contains texts expected "texts"
      }
      test "gaps break a line, one point is a dot, long lines are thinned" {
          let panel points = [ { Label = "loss"; Series = [ { Name = "x"; Points = points } ] } ]
          let gap = svg (panel [| 0.0, 1.0; 1.0, 2.0; 2.0, nan; 3.0, 1.0; 4.0, 2.0; 5.0, infinity; 6.0, 1.0 |])
          Expect.hasLength (named gap "polyline") 2 "pieces"
          Expect.hasLength (named gap "circle") 5 "every point but the two that are no numbers"
          let long = svg (panel [| for i in 0..100_000 -> float i, sin (float i) |])
          let points = (named long "polyline" |> List.exactlyOne |> attribute "points").Split ' '
          Expect.isLessThan points.Length 1300 "points"
      }
      testProperty
          "whatever the values, the drawing is XML and every number in it is finite and on the page"
          (Prop.forAll
              (Arb.fromGen (
                  Gen.elements [ 0.0; 1.0; -1.0; 3.7; 1e-12; 1e300; -1e300; 5e-324; nan; infinity; -infinity ]
                  |> Gen.two
                  |> Gen.arrayOf
              ))
              (fun points ->
                  let document = svg [ { Label = "y"; Series = [ { Name = "x"; Points = points } ] } ]

                  named document "circle"
                  |> List.forall (fun circle ->
                      let x, y = float (attribute "cx" circle), float (attribute "cy" circle)
                      x >= 0.0 && x <= 760.0 && y >= 0.0 && y <= 760.0)))

      test "files are written" {
          withFolder (fun folder ->
              Curve.saveSvg (Path.Combine(folder, "curve.svg")) "t" "x" []
              Picture.savePng (Path.Combine(folder, "sheet.png")) (Picture.mistakes 4 digits.Images (mistakes 5))
              Expect.hasLength (Directory.GetFiles folder) 2 "files")
      } ]

let tests = testList "Pictures" (pictures @ curves)
