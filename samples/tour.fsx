// A tour of Functional from a script. Make the packages first:  dotnet fsi build.fsx pack
// then:                                                         dotnet fsi samples/tour.fsx
#load "../artifacts/packages.fsx" // the folder of packages, and #r "nuget: Functional.Core"

open Functional

// ---- derivatives ----
let f x = Tensor.sum (x * tanh x)
let x = Tensor.ofSeq [ -1.0; 0.5; 2.0 ]
printfn "x tanh x        %A" (Tensor.toArray (x * tanh x))
printfn "gradient        %A" (Tensor.toArray (grad f x))
printfn "hessian         %A" (Tensor.toArray (hessian f x))
printfn "third, forward  %A" (Tensor.toArray (diff (diff (diff tanh)) x))

// ---- a function of your own: one pass over memory, differentiable to any order, compiled for this machine ----
let mish = Tensor.map (fun x -> x * tanh (log (1.0 + exp x)))
printfn "mish            %A" (Tensor.toArray (mish x))
printfn "its slope       %A" (Tensor.toArray (diff mish x))

// ---- a function of one example becomes a function of many ----
let distance (a, b) = Tensor.sqrt (Tensor.sum (Tensor.square (a - b)))
let points = Random.normal (Random.key 1) [ 4; 2 ]
let others = Random.normal (Random.key 2) [ 4; 2 ]
printfn "distances       %A" (Tensor.toArray (vmap distance (points, others)))
let gradients, _ = vmap (grad distance) (points, others)
printfn "their gradients %A" (Tensor.toArray gradients)

// ---- a small training loop over a record of parameters ----
type Curve = { Hidden: Tensor; Shift: Tensor; Output: Tensor }

let inputs = Tensor.linspace -3.0 3.0 200 |> Tensor.reshape [ 200; 1 ]
let targets = Tensor.sin inputs

let predict p inputs = Tensor.matmul (tanh (Tensor.matmul inputs p.Hidden + p.Shift)) p.Output

let loss p = Loss.mse (predict p inputs) targets

let start =
    { Hidden = Random.normal (Random.key 3) [ 1; 32 ]
      Shift = Random.normal (Random.key 4) [ 32 ]
      Output = Random.normal (Random.key 5) [ 32; 1 ] * 0.1 }

let codec = Codec.derive<Curve>
let optimizer = Optim.chain [ Optim.clipByGlobalNorm 1.0; Optim.adam 1e-2 ]

let rec train steps parameters state =
    if steps = 0 then
        parameters
    else
        let value, gradient = valueAndGrad loss parameters

        if steps % 100 = 0 then
            printfn "loss            %.6f" (Tensor.item value)

        let struct (next, state) = Optim.step optimizer (codec.Write gradient) state (codec.Write parameters)
        train (steps - 1) (codec.Read parameters next) state

let trained = train 500 start (optimizer.Init(codec.Write start))
printfn "sin 1 is about  %.4f" (Tensor.item (predict trained (Tensor.ofRows [ [ 1.0 ] ])))
