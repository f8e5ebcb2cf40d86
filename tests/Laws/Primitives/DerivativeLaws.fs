/// What holds of the derivatives of every primitive.
module Functional.Laws.DerivativeLaws

open Expecto
open Functional
open Functional.Contract
open Functional.Laws.Elements
open Functional.Laws.Arguments
open Functional.Laws.Cases

/// The primitive as a function of the arguments that move.
let moving (case: Case) (arguments: Tensor[]) (moved: Tensor[]) : Tensor =
    let all = Array.copy arguments
    case.Moving |> List.iteri (fun place i -> all[i] <- moved[place])
    Engine.bind case.Primitive all

/// Numbers of no particular pattern, as many as a shape has, each set named by a number.
let noise (like: Tensor) set shape : Tensor =
    let random = System.Random(1000 + set)

    let real () =
        Array.init (Shape.count shape) (fun _ -> random.NextDouble() * 2.0 - 1.0)
        |> write like.Backend (Dtype.toReal like.Dtype) shape

    if Dtype.isComplex like.Dtype then
        Tensor.complex (real ()) (real ())
    else
        real ()

/// A tensor as real numbers in float64: complex ones by their parts.
let flat (t: Tensor) : Tensor = (if Dtype.isComplex t.Dtype then Tensor.viewAsReal t else t) |> Engine.cast Float64

let noiseLike set (t: Tensor) = noise t set t.Shape

/// The sum of the elementwise product, in float64.
let dot (a: Tensor) (b: Tensor) : Tensor =
    let product = flat a * flat b
    Engine.sumTo [||] product

let dots (a: Tensor[]) (b: Tensor[]) : Tensor =
    Array.map2 dot a b |> Array.fold (+) (Creation.full a[0].Backend Float64 [||] (Real 0.0))

let number (t: Tensor) = (read t)[0]

/// The coarsest rounding on the way.
let coarsest (case: Case) (result: Tensor) =
    case.Arguments |> Array.map (fun a -> epsilon a.Dtype) |> Array.append [| epsilon result.Dtype |] |> Array.max

let private shift (h: float) (x: Tensor[]) (direction: Tensor[]) =
    Array.map2 (fun (x: Tensor) (d: Tensor) -> x + d * h) x direction

/// The slope of a function of arrays by central differences.
let private difference h (f: Tensor[] -> float) x direction = (f (shift h x direction) - f (shift -h x direction)) / (2.0 * h)

/// Arguments, those that move, and directions for them; nothing where nothing moves.
let private prepared (case: Case) (law: Tensor[] -> Tensor[] -> Tensor -> unit) =
    if not case.Moving.IsEmpty then
        let arguments = case.Arguments |> Array.map (example case.Backend 0)
        let x = case.Moving |> List.map (fun i -> arguments[i]) |> Array.ofList
        law arguments x (Engine.bind case.Primitive arguments)

/// ⟨c, J t⟩ = ⟨Jᵀ c, t⟩ for every argument alone and for all together; what has no derivative has zero.
let adjoint (case: Case) =
    prepared case (fun arguments x result ->
        let f = moving case arguments

        if Dtype.isDifferentiable result.Dtype then
            let everything = x |> Array.mapi (fun i t -> noiseLike i t)

            let alone =
                Array.init x.Length (fun one -> everything |> Array.mapi (fun i t -> if i = one then t else Tensor.zerosLike t))

            let cotangent = noiseLike 77 result
            let value, pullback = vjp f x
            expectSame 0.0 "the value beside the pullback" value result
            let pulled = pullback cotangent
            Array.iter2 (fun (p: Tensor) (t: Tensor) -> Expect.equal p.Spec t.Spec "a cotangent is like its argument") pulled x

            for tangent in Array.append [| everything |] alone do
                let value, pushed = jvp f x tangent
                expectSame 0.0 "the value beside the tangent" value result
                Expect.equal pushed.Spec result.Spec "a tangent is like the result"
                let room = 100.0 * coarsest case result
                let size = abs (number (dot pushed pushed)) + abs (number (dot cotangent cotangent))
                let left, right = number (dot cotangent pushed), number (dots pulled tangent)

                if not (near (room * (1.0 + size)) left right) then
                    failtest $"<c, J t> = {left}, but <J' c, t> = {right}"
        else
            let _, pushed = jvp f x (x |> Array.map Tensor.onesLike)
            Expect.all (read pushed) ((=) 0.0) "what steps has no slope")

/// The tangent against central differences.
let differences (case: Case) =
    prepared case (fun arguments x result ->
        if Dtype.isDifferentiable result.Dtype then
            let f = moving case arguments
            let direction = x |> Array.mapi (fun i t -> noiseLike (10 + i) t)
            let epsilon = coarsest case result
            let h = epsilon ** (1.0 / 3.0) * 0.5
            let weights = noiseLike 5 result
            let value moved = number (dot weights (f moved))
            let slope = number (dot weights (snd (jvp f x direction)))
            let size = 1.0 + number (dot result result)
            let measured = difference h value x direction

            if not (near (30.0 * size * epsilon ** (2.0 / 3.0)) slope measured) then
                failtest $"the slope is {slope}, differences give {measured}")

/// A number made of the result that bends, so that second derivatives of linear primitives say something too.
let private bent (f: Tensor[] -> Tensor) : Tensor[] -> Tensor =
    fun x ->
        let y = flat (f x)
        dot (noiseLike 6 y) y + dot (noiseLike 7 y) (y * y) * 0.5

/// uᵀ H v by forward over forward, forward over reverse, reverse over forward and reverse over reverse.
let private secondOrder (f: Tensor[] -> Tensor) u v : (string * (Tensor[] -> float)) list =
    let along direction x = snd (jvp f x direction)

    [ "forward over forward", (fun x -> number (snd (jvp (along u) x v)))
      "forward over reverse", (fun x -> number (dots (snd (jvp (grad f) x v)) u))
      "reverse over forward", (fun x -> number (dots (grad (along u) x) v))
      "reverse over reverse", (fun x -> number (dots (grad (fun x -> dots (grad f x) u) x) v)) ]

/// All four ways to a second derivative agree with each other and with differences of first derivatives.
let second (case: Case) =
    prepared case (fun arguments x result ->
        if Dtype.isDifferentiable result.Dtype then
            let f = bent (moving case arguments)
            let u = x |> Array.mapi (fun i t -> noiseLike (20 + i) t)
            let v = x |> Array.mapi (fun i t -> noiseLike (30 + i) t)
            let epsilon = coarsest case result
            let h = epsilon ** (1.0 / 3.0) * 0.5
            let measured = difference h (fun x -> number (dots (grad f x) u)) x v
            let size = 1.0 + number (dots (grad f x) (grad f x)) + number (dot result result)
            let answers = secondOrder f u v |> List.map (fun (way, answer) -> way, answer x)

            for way, answer in answers do
                if not (near (1e4 * size * epsilon) answer (snd answers.Head)) then
                    failtest $"{way} gives {answer}, {fst answers.Head} gives {snd answers.Head}"

                if not (near (100.0 * size * epsilon ** (2.0 / 3.0)) answer measured) then
                    failtest $"{way} gives {answer}, differences give {measured}")

/// Third derivatives: forward over forward over forward against reverse over the mixed second.
let third (case: Case) =
    prepared case (fun arguments x result ->
        if Dtype.isDifferentiable result.Dtype then
            let f = bent (moving case arguments)
            let u = x |> Array.mapi (fun i t -> noiseLike (40 + i) t)
            let v = x |> Array.mapi (fun i t -> noiseLike (50 + i) t)
            let w = x |> Array.mapi (fun i t -> noiseLike (60 + i) t)
            let twice g x = snd (jvp (fun x -> snd (jvp f x u)) x g)
            let forward = number (snd (jvp (twice v) x w))
            let reverse = number (dots (grad (fun x -> dots (snd (jvp (grad f) x u)) v) x) w)
            let size = 1.0 + abs forward + number (dots (grad f x) (grad f x)) + number (dot result result)

            if not (near (1e5 * size * coarsest case result) forward reverse) then
                failtest $"three times forward gives {forward}, reverse over forward over reverse gives {reverse}")

/// grad takes back what only its tape could see, and nothing else: its results, what was detached inside, and the arguments
/// are what the pullback, which takes nothing back, leaves them to be.
let reclaimed (case: Case) =
    prepared case (fun arguments x result ->
        if Dtype.isDifferentiable result.Dtype then
            Expect.isTrue Level.IsQuiet "no other transform is running, so memory is taken back"
            let before = arguments |> Array.map read
            let f = bent (moving case arguments)
            let mutable aside = []

            let (value, (whole, squared)), gradients =
                valueAndGradWith
                    (fun x ->
                        let y = moving case arguments x
                        let squared = y * y
                        aside <- [ stopGradient y; stopGradient (squared * 2.0) ]
                        f x, (y, squared))
                    x

            let expected, pullback = vjp f x
            Expect.equal (read value) (read expected) "the value"

            for gradient, other in
                Array.zip gradients (pullback (Creation.full expected.Backend expected.Dtype expected.Shape (Integer 1L))) do
                Expect.equal (read gradient) (read other) "gradients"

            Expect.equal (read squared) (read (whole * whole)) "what came out beside the value"

            for tensor in aside do
                Expect.equal (read tensor).Length (read whole).Length "what was detached inside"

            Expect.equal (arguments |> Array.map read) before "the arguments")
