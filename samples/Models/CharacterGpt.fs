/// A small transformer that writes like Shakespeare, one character after the other (Radford et al. 2019, in the size of
/// nanoGPT's for a CPU).
module Functional.Models.CharacterGpt

open Functional

let private context = 64
let private width = 128
let private layers = 4
let private heads = 4
let private batchSize = 16

/// A layer of one's own is a record of two functions: here what a character is, plus where it stands.
let private embedding characters : Layer =
    let small key shape = Leaf(Random.normal key shape * 0.02)

    let init key =
        let struct (first, second) = Random.split2 key
        Branch [ "character", small first [ characters; width ]; "place", small second [ context; width ] ], Tree.empty

    let apply _ parameters state (text: Tensor) =
        let places = Tree.tensor "place" parameters |> Tensor.narrow 0 0 text.Shape[1]
        Tensor.embedding text (Tree.tensor "character" parameters) + places, state

    { Init = init; Apply = apply }

let private block =
    Nn.named
        [ "attention", Nn.residual (Nn.sequential [ Nn.layerNorm width; Nn.selfAttention true heads width ])
          "thought",
          Nn.residual (Nn.sequential [ Nn.layerNorm width; Nn.linear width (4 * width); Nn.gelu; Nn.linear (4 * width) width ]) ]

/// Characters [n, steps] to logits of the next one [n, steps, characters]: some 800,000 parameters.
let network characters =
    Nn.named
        [ "embedding", embedding characters
          "blocks", Nn.sequential (List.replicate layers block)
          "norm", Nn.layerNorm width
          "head", Nn.linearNoBias width characters ]

/// AdamW at a rate that rises, then falls along a cosine; biases do not decay.
let private optimizer steps =
    let rate = Schedule.cosine steps 1e-4 2e-3 |> Schedule.warmup 100

    Optim.chain
        [ Optim.clipByGlobalNorm 1.0
          Optim.scaleByAdam 0.9 0.99 1e-8
          Optim.masked (fun name -> name.EndsWith "weight") (Optim.decayWeights 0.1)
          Optim.scaleBySchedule (fun step -> -(rate step)) ]

/// Stretches of a text and, for each of their characters, the next one.
let private cut (text: Tensor) (starts: int seq) =
    let places = Tensor.unsqueeze 1 (Tensor.ofInts starts) + Tensor.arange 0 (context + 1) 1
    let stretches = Tensor.indexSelect 0 (Tensor.flatten places) text |> Tensor.reshape [ -1; context + 1 ]
    Tensor.narrow 1 0 context stretches, Tensor.narrow 1 1 context stretches

let private loss (network: Layer) mode (inputs, targets) parameters =
    let logits, _ = network.Apply mode parameters Tree.empty inputs
    Loss.crossEntropy (Tensor.flattenDims 0 1 logits) (Tensor.flatten targets)

/// The mean loss over a whole text.
let private evaluate network (text: Tensor) parameters =
    let losses =
        [ for starts in [ 0..context .. text.Shape[0] - context - 1 ] |> List.chunkBySize 100 do
              float starts.Length, Tensor.item (loss network Evaluate (cut text starts) parameters) ]

    List.sumBy (fun (n, loss) -> n * loss) losses / List.sumBy fst losses

/// A trained network: parameters, and the alphabet that its numbers stand for.
type Trained =
    {
        Network: Layer
        Parameters: Tree
        Alphabet: Data.Alphabet
        /// The mean loss over the last tenth of the text, which it never learned from.
        Loss: float
    }

/// Learns from the first nine tenths of a text. `report` hears the step and its loss.
let train (text: string) steps seed (report: int -> float -> unit) : Trained =
    let alphabet = Data.alphabet text
    let numbers = alphabet.Encode text |> Tensor.ofInts
    let known = numbers.Shape[0] * 9 / 10

    let training, validation =
        Tensor.narrow 0 0 known numbers, Tensor.narrow 0 known (numbers.Shape[0] - known) numbers

    let network, optimizer = network alphabet.Letters.Length, optimizer steps
    let struct (first, key) = Random.split2 (Random.key seed)
    let parameters, _ = network.Init first

    let step (parameters, state) number =
        let key = Random.fold number key
        let batch = Loader.anywhere (known - context) batchSize key |> cut training
        let value, gradients = valueAndGrad (loss network (Train key) batch) parameters
        let struct (parameters, state) = Optim.step optimizer gradients state parameters
        report number (Tensor.item value)
        parameters, state

    let parameters, _ = Seq.fold step (parameters, optimizer.Init parameters) (seq { 1..steps })

    { Network = network
      Parameters = parameters
      Alphabet = alphabet
      Loss = evaluate network validation parameters }

/// Writes `length` characters after a first one, each drawn as likely as the network thinks it.
let write (trained: Trained) length seed : string =
    let key = Random.key seed

    let next (text: int list) number =
        let seen = text |> List.truncate context |> List.rev
        let input = Tensor.ofInts seen |> Tensor.unsqueeze 0
        let logits, _ = trained.Network.Apply Evaluate trained.Parameters Tree.empty input
        let last = Tensor.select 1 -1 logits
        int (Tensor.item (Random.categorical (Random.fold number key) last)) :: text

    // The newest character stands first.
    let start = trained.Alphabet.Encode "\n" |> List.ofArray
    Seq.fold next start (seq { 1..length }) |> List.rev |> trained.Alphabet.Decode
