/// The models of samples/Models as one writes them for TorchSharp.
module Functional.Bench.TorchModels

open TorchSharp

type Network = torch.nn.Module<torch.Tensor, torch.Tensor>

let sequential (layers: Network list) = torch.nn.Sequential(List.toArray layers)

let private convolution (stride: int64) (inputs: int64) (outputs: int64) =
    torch.nn.Conv2d(inputs, outputs, 3L, stride = stride, padding = 1L, bias = false)

type private ResidualBlock(inputs: int64, outputs: int64, stride: int64) as this =
    inherit torch.nn.Module<torch.Tensor, torch.Tensor>("block")
    let conv1 = convolution stride inputs outputs
    let norm1 = torch.nn.BatchNorm2d outputs
    let conv2 = convolution 1L outputs outputs
    let norm2 = torch.nn.BatchNorm2d outputs
    let extra = (outputs - inputs) / 2L
    let every = torch.TensorIndex.Slice(System.Nullable(), System.Nullable(), System.Nullable stride)
    do this.RegisterComponents()

    override _.forward(x: torch.Tensor) =
        let y = torch.nn.functional.relu (norm1.forward (conv1.forward x))
        let y = norm2.forward (conv2.forward y)

        let shortcut =
            if stride = 1L then
                x
            else
                torch.nn.functional.pad (
                    x.index [| torch.TensorIndex.Ellipsis; every; every |],
                    [| 0L; 0L; 0L; 0L; extra; extra |]
                )

        torch.nn.functional.relu (y.add shortcut)

let resnet20 () : Network =
    let stage stride inputs outputs : Network list =
        [ new ResidualBlock(inputs, outputs, stride)
          new ResidualBlock(outputs, outputs, 1L)
          new ResidualBlock(outputs, outputs, 1L) ]

    [ convolution 1L 3L 16L :> Network; torch.nn.BatchNorm2d 16L; torch.nn.ReLU() ]
    @ stage 1L 16L 16L
    @ stage 2L 16L 32L
    @ stage 2L 32L 64L
    @ [ torch.nn.AdaptiveAvgPool2d 1L; torch.nn.Flatten(); torch.nn.Linear(64L, 10L) ]
    |> sequential
    :> Network

type private SelfAttention(width: int64, heads: int64) as this =
    inherit torch.nn.Module<torch.Tensor, torch.Tensor>("attention")
    let projection = torch.nn.Linear(width, 3L * width)
    let output = torch.nn.Linear(width, width)
    do this.RegisterComponents()

    override _.forward(x: torch.Tensor) =
        let size, steps = x.shape[0], x.shape[1]

        let parts = projection.forward(x).view(size, steps, 3L, heads, width / heads).permute(2L, 0L, 3L, 1L, 4L)

        let mixed =
            torch.nn.functional.scaled_dot_product_attention (
                parts.select (0L, 0L),
                parts.select (0L, 1L),
                parts.select (0L, 2L),
                is_casual = true
            )

        output.forward (mixed.transpose(1L, 2L).reshape(size, steps, width))

type private Residual(layers: Network list) as this =
    inherit torch.nn.Module<torch.Tensor, torch.Tensor>("residual")
    let inner = sequential layers
    do this.RegisterComponents()
    override _.forward(x: torch.Tensor) = x.add (inner.forward x)

type private Gpt(characters: int64, context: int64, width: int64, layers: int, heads: int64) as this =
    inherit torch.nn.Module<torch.Tensor, torch.Tensor>("gpt")
    let character = torch.nn.Embedding(characters, width)
    let place = torch.nn.Embedding(context, width)

    let blocks =
        sequential
            [ for _ in 1..layers do
                  new Residual([ torch.nn.LayerNorm width; new SelfAttention(width, heads) ])

                  new Residual(
                      [ torch.nn.LayerNorm width
                        torch.nn.Linear(width, 4L * width)
                        torch.nn.GELU()
                        torch.nn.Linear(4L * width, width) ]
                  ) ]

    let norm = torch.nn.LayerNorm width
    let head = torch.nn.Linear(width, characters, hasBias = false)
    do this.RegisterComponents()

    override _.forward(text: torch.Tensor) =
        let places = place.forward (torch.arange text.shape[1])

        head.forward (norm.forward (blocks.forward ((character.forward text).add places)))
        |> fun logits -> logits.flatten (0L, 1L)

/// Logits of the next character, one row for each place in the text.
let gpt () : Network = new Gpt(65L, 64L, 128L, 4, 4L)

type private Names(width: int64) as this =
    inherit torch.nn.Module<torch.Tensor, torch.Tensor>("names")
    let letters = torch.nn.Embedding(27L, width)
    let memory = torch.nn.GRU(width, width)
    let head = torch.nn.Linear(width, 27L)
    do this.RegisterComponents()

    override _.forward(text: torch.Tensor) =
        let struct (output, _) = memory.call (letters.forward text)
        (head.forward output).flatten(0L, 1L)

/// Logits of the next letter, one row for each.
let names () : Network = new Names(128L)
