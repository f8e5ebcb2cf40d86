namespace Functional.Data

open System
open System.Runtime.CompilerServices

/// A place on paper: x to the right, y down.
[<Struct>]
type internal Point = { X: float; Y: float }

/// Drawing lines with a round nib.
[<RequireQualifiedAccess>]
module internal Pen =
    /// A Catmull-Rom spline between b and c.
    let private spline (a: Point) (b: Point) (c: Point) (d: Point) t =
        let along a b c d = 0.5 * (2.0 * b + t * (c - a + t * (2.0 * a - 5.0 * b + 4.0 * c - d + t * (3.0 * (b - c) + d - a))))

        { X = along a.X b.X c.X d.X; Y = along a.Y b.Y c.Y d.Y }

    /// The smooth line through the points, `steps` pieces from each to the next. It closes smoothly where the last point
    /// is the first; two points make a straight line.
    let smooth steps (points: Point[]) =
        let last = points.Length - 1
        let closed = last > 1 && points[0] = points[last]

        let at i = if closed then points[(i + last) % last] else points[Math.Clamp(i, 0, last)]

        if last < 2 then
            points
        else
            [| for i in 0 .. last - 1 do
                   for step in 0 .. steps - 1 do
                       spline (at (i - 1)) (at i) (at (i + 1)) (at (i + 2)) (float step / float steps)

               points[last] |]

    /// Squared distance of a point from the piece from a to b.
    let inline private distanceSquared (a: Point) dx dy lengthSquared x y =
        let px = x - a.X
        let py = y - a.Y

        let t =
            if lengthSquared > 0.0 then
                Math.Clamp((px * dx + py * dy) / lengthSquared, 0.0, 1.0)
            else
                0.0

        let ex = px - t * dx
        let ey = py - t * dy
        ex * ex + ey * ey

    /// How much ink (0 to 1) each pixel of a canvas gets from lines of half width `radius`, row-major.
    /// An edge fades over `softness` pixels: 1 is plain anti-aliasing. Pixel (0, 0) has its centre at (0.5, 0.5).
    [<MethodImpl(MethodImplOptions.AggressiveOptimization)>]
    let ink width height radius softness (lines: Point[][]) =
        let reach = radius + 0.5 * softness
        let nearest = Array.create (width * height) (reach * reach)

        for line in lines do
            for i in 0 .. line.Length - 2 do
                let a = line[i]
                let b = line[i + 1]
                let dx = b.X - a.X
                let dy = b.Y - a.Y
                let lengthSquared = dx * dx + dy * dy

                for row in max 0 (int (min a.Y b.Y - reach)) .. min (height - 1) (int (max a.Y b.Y + reach)) do
                    for column in max 0 (int (min a.X b.X - reach)) .. min (width - 1) (int (max a.X b.X + reach)) do
                        let squared = distanceSquared a dx dy lengthSquared (float column + 0.5) (float row + 0.5)
                        let pixel = row * width + column

                        if squared < nearest[pixel] then
                            nearest[pixel] <- squared

        nearest |> Array.map (fun squared -> Math.Clamp((reach - sqrt squared) / softness, 0.0, 1.0))
