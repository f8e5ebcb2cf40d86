/// A recurrent network that invents first names, letter by letter (Cho et al. 2014 for the gated units).
module Functional.Models.Names

open Functional

let private width = 128
let private batchSize = 64

/// The number of what comes before and behind every name; the letters have 1 to 26.
let private ending = 0

/// What is behind the end of a shorter name and counts for nothing.
let private nothing = -1

let private encode (name: string) = name |> Seq.map (fun c -> int c - int 'a' + 1) |> List.ofSeq
let private decode (letters: int seq) = letters |> Seq.map (fun n -> char (n - 1 + int 'a')) |> Array.ofSeq |> System.String

/// Letters [steps, n] to logits of the next one [steps, n, 27].
let network =
    Nn.named [ "letters", Nn.embedding 27 width; "memory", Nn.gru width width; "head", Nn.linear width 27 ]

/// Names as what the network reads and what it should say, both [steps, n].
let private batch (names: string[]) =
    let longest = names |> Seq.map String.length |> Seq.max
    let fill size filler letters = letters @ List.replicate (size - List.length letters) filler
    let columns rows = rows |> Seq.concat |> Tensor.ofInts |> Tensor.reshape [ names.Length; longest + 1 ] |> Tensor.t

    columns (names |> Seq.map (fun name -> ending :: encode name |> fill (longest + 1) ending)),
    columns (names |> Seq.map (fun name -> encode name @ [ ending ] |> fill (longest + 1) nothing))

let private loss mode (inputs, targets) parameters =
    let logits, _ = network.Apply mode parameters Tree.empty inputs

    Losses.crossEntropy ValueNone (int64 nothing) 0.0 Mean (Tensor.flattenDims 0 1 logits) (Tensor.flatten targets)

/// Learns from nine tenths of the names. Gives the parameters, and the mean loss of a letter of the others. `report` hears the step
/// and its loss.
let train (names: string[]) steps seed (report: int -> float -> unit) : Tree * float =
    let key = Random.key seed
    let shuffled = Loader.shuffled names.Length (Random.fold 0 key) |> Seq.map (fun i -> names[i]) |> Array.ofSeq
    let training, others = Array.splitAt (names.Length * 9 / 10) shuffled

    let rate = Schedule.cosine steps 1e-4 3e-3
    let optimizer = Optim.chain [ Optim.clipByGlobalNorm 1.0; Optim.adamScheduled rate ]
    let parameters, _ = network.Init(Random.fold 1 key)

    let step (parameters, state) number =
        let key = Random.fold (number + 1) key
        let drawn = Loader.anywhere training.Length batchSize key |> Seq.map (fun i -> training[i]) |> Array.ofSeq
        let value, gradients = valueAndGrad (loss (Train key) (batch drawn)) parameters
        let struct (parameters, state) = Optim.step optimizer gradients state parameters
        report number (Tensor.item value)
        parameters, state

    let parameters, _ = Seq.fold step (parameters, optimizer.Init parameters) (seq { 1..steps })
    parameters, Tensor.item (loss Evaluate (batch others) parameters)

/// Some names that the network thinks likely.
let invent parameters count seed : string list =
    let key = Random.key seed

    let next (letters: Tensor) number =
        let logits, _ = network.Apply Evaluate parameters Tree.empty letters
        let drawn = Random.categorical (Random.fold number key) (Tensor.select 0 -1 logits)
        Tensor.cat 0 [ letters; Tensor.unsqueeze 0 drawn ]

    let start = Tensor.ofInts (Seq.replicate count ending) |> Tensor.unsqueeze 0
    let letters = Seq.fold next start (seq { 1..20 })

    [ for column in Tensor.unbind 1 letters do
          Tensor.toInt32s column |> Seq.tail |> Seq.takeWhile ((<>) ending) |> decode ]
