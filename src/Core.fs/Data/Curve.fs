namespace Functional

open System
open System.Globalization
open System.Security

/// A line of a curve: its name and its points (x, y).
type Series = { Name: string; Points: (float * float)[] }

/// One pair of axes with the lines in it.
type Panel =
    {
        /// What the vertical axis measures, such as `loss`.
        Label: string
        Series: Series list
    }

/// Learning curves as SVG: panels one above the other over one horizontal axis.
[<RequireQualifiedAccess>]
module Curve =
    let private width, left, right = 760.0, 64.0, 132.0
    let private plotWidth = width - left - right
    let private plotHeight, top, between, bottom = 200.0, 78.0, 60.0, 56.0
    let private colours = [| "#1f5fa8"; "#d1571f"; "#2b7a4b"; "#7a4ba0" |]

    let private number (value: float) = value.ToString("0.##", CultureInfo.InvariantCulture)

    let private escaped (text: string) = string (SecurityElement.Escape text)

    /// Round numbers, 1, 2 or 5 times a power of ten apart, about `count` of them, that reach over all values.
    let private ticks count (low: float) (high: float) =
        // Values too close for double precision to put ticks between get room around them.
        let size = max (abs low) (abs high)
        let room = if high - low > max (1e-9 * size) 1e-290 then 0.0 else max 0.5 (0.1 * size)
        let low, high = low - room, high + room
        let raw = (high - low) / float count
        let power = 10.0 ** floor (log10 raw)
        let step = power * ([ 1.0; 2.0; 5.0; 10.0 ] |> List.find (fun factor -> factor * power >= raw * 0.999))
        let first, last = floor (low / step + 1e-6), ceil (high / step - 1e-6)
        [| for i in first..last -> i * step |]

    /// As many digits after the point as the distance of the ticks needs.
    let private tickLabels (ticks: float[]) =
        let step = if ticks.Length > 1 then ticks[1] - ticks[0] else 1.0
        let digits = int (Math.Clamp(ceil (-(log10 step) - 1e-9), 0.0, 9.0))
        let large = Array.exists (fun (tick: float) -> abs tick >= 1e6) ticks

        ticks
        |> Array.map (fun tick ->
            tick.ToString((if large || digits = 9 then "G4" else $"F{digits}"), CultureInfo.InvariantCulture))

    /// Numbers past this bound would overflow on the way to the page, and mean that training has failed anyway.
    let private isDrawn (x, y) = abs x <= 1e300 && abs y <= 1e300

    /// At most this many points of a line are drawn: more would not be seen.
    let private mostPoints = 1200

    /// Neighbours averaged where there are too many points.
    let private thinned (points: (float * float)[]) =
        if points.Length <= mostPoints then
            points
        else
            let middle group = Array.averageBy fst group, Array.averageBy snd group

            points
            |> Array.chunkBySize ((points.Length + mostPoints - 1) / mostPoints)
            |> Array.map (fun group -> if Array.forall isDrawn group then middle group else Array.last group)

    /// The runs of points without a gap: a value that is not finite breaks the line.
    let private runs (points: (float * float)[]) =
        (points, [ [] ])
        ||> Array.foldBack (fun point runs ->
            match runs with
            | run :: others when isDrawn point -> (point :: run) :: others
            | [] :: _ -> runs
            | _ -> [] :: runs)
        |> List.filter (not << List.isEmpty)

    let private text cls x y content = $"<text class=\"{cls}\" x=\"{number x}\" y=\"{number y}\">{escaped content}</text>"

    let private rule cls x1 y1 x2 y2 =
        $"<line class=\"{cls}\" x1=\"{number x1}\" y1=\"{number y1}\" x2=\"{number x2}\" y2=\"{number y2}\"/>"

    /// From values to places on the page.
    let private scale (ticks: float[]) low high value = low + (high - low) * (value - ticks[0]) / (Array.last ticks - ticks[0])

    /// So few points are measurements of their own, and each is marked.
    let private fewPoints = 30

    let private line colour place run =
        let places = run |> List.map place

        let dots =
            if places.Length > fewPoints then
                []
            else
                [ for x, y in places -> $"<circle cx=\"{number x}\" cy=\"{number y}\" r=\"3\" fill=\"{colour}\"/>" ]

        if places.Length = 1 then
            dots
        else
            let path = places |> List.map (fun (x, y) -> $"{number x},{number y}")
            $"<polyline points=\"{String.Join(' ', path)}\" stroke=\"{colour}\"/>" :: dots

    /// Names beside the ends of their lines, moved down where they would cover each other.
    let private nameHeights (ends: (Series * float)[]) =
        (([], -infinity), ends |> Array.sortBy snd)
        ||> Array.fold (fun (placed, previous) (series, y) ->
            let y = max y (previous + 15.0)
            (series, y) :: placed, y)
        |> fst

    let private extent (select: float * float -> float) (panels: Panel list) =
        let values =
            [ for panel in panels do
                  for series in panel.Series do
                      for point in series.Points do
                          if isDrawn point then
                              select point ]

        if values.IsEmpty then 0.0, 1.0 else List.min values, List.max values

    /// One colour for each name, the same in every panel.
    let private colourOf (panels: Panel list) =
        let names =
            panels |> List.collect (fun panel -> panel.Series |> List.map (fun series -> series.Name)) |> List.distinct

        fun (series: Series) -> colours[List.findIndex ((=) series.Name) names % colours.Length]

    let private panelSvg (colour: Series -> string) (xTicks: float[]) isLast xLabel y0 (panel: Panel) =
        [ let floor' = y0 + plotHeight
          let yTicks = extent snd [ panel ] ||> ticks 5
          let placeX = scale xTicks left (left + plotWidth)
          let placeY = scale yTicks floor' y0
          let place (x, y) = placeX x, placeY y
          text "label" 16.0 (y0 - 16.0) panel.Label

          for value, label in Array.zip yTicks (tickLabels yTicks) do
              rule "grid" left (placeY value) (left + plotWidth) (placeY value)
              text "y" (left - 10.0) (placeY value + 4.0) label

          rule "axis" left floor' (left + plotWidth) floor'

          for value, label in Array.zip xTicks (tickLabels xTicks) do
              rule "axis" (placeX value) floor' (placeX value) (floor' + 5.0)

              if isLast then
                  text "x" (placeX value) (floor' + 20.0) label

          if isLast then
              text "x label" (left + 0.5 * plotWidth) (floor' + 42.0) xLabel

          let drawn = panel.Series |> List.map (fun series -> series, runs (thinned series.Points))

          for series, runs in drawn do
              yield! runs |> List.collect (line (colour series) place)

          let ends =
              [| for series, runs in drawn do
                     if not runs.IsEmpty then
                         series, placeY (snd (List.last (List.last runs))) |]

          for series, y in nameHeights ends do
              let name = escaped series.Name
              $"<text class=\"name\" x=\"{number (left + plotWidth + 10.0)}\" y=\"{number (y + 4.0)}\" style=\"fill:{colour series}\">{name}</text>" ]

    let private style =
        """<style>
text { font-family: Inter, "Helvetica Neue", Arial, sans-serif; font-size: 12px; fill: #4a4f57 }
.title { font-size: 17px; font-weight: 600; fill: #1b1e23 }
.label { font-size: 13px; fill: #1b1e23 }
.x { text-anchor: middle; font-variant-numeric: tabular-nums }
.y { text-anchor: end; font-variant-numeric: tabular-nums }
.name { font-size: 13px; font-weight: 600 }
.grid { stroke: #e4e7eb }
.axis { stroke: #8a9099 }
polyline { fill: none; stroke-width: 2; stroke-linejoin: round; stroke-linecap: round }
</style>"""

    /// A page with a title, the panels and the name of their common horizontal axis, such as `epoch`.
    /// Values that are not finite leave gaps.
    let toSvg title xLabel (panels: Panel list) =
        let xTicks = extent fst panels ||> ticks 8
        let colour = colourOf panels
        let height = top + float panels.Length * (plotHeight + between) - between + bottom

        let parts =
            [ $"<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {number width} {number height}\" width=\"{number width}\" height=\"{number height}\" role=\"img\">"
              $"<title>{escaped title}</title>"
              style
              "<rect width=\"100%\" height=\"100%\" fill=\"#ffffff\"/>"
              text "title" 16.0 28.0 title

              for i, panel in List.indexed panels do
                  yield! panelSvg colour xTicks (i = panels.Length - 1) xLabel (top + float i * (plotHeight + between)) panel

              "</svg>" ]

        String.Join("\n", parts) + "\n"

    /// Writes an SVG file, atomically.
    let saveSvg path title xLabel panels = AtomicFile.writeText path (toSvg title xLabel panels)
