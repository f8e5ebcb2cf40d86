/// A residual network that others trained on CIFAR-10 (He et al. 2016; weights by akamaster/pytorch_resnet_cifar10): its parts
/// have the names that PyTorch's checkpoint gives them.
module Functional.Models.ResNet20

open Functional
open Functional.Contract

let private convolution stride inputs outputs = Nn.conv2dWith stride 1 false inputs outputs 3

/// Past a block that halves the picture goes every second pixel, with zeros in the channels that are new (the paper's option A).
let private shortcut stride inputs outputs (x: Tensor) =
    if stride = 1 then
        x
    else
        let extra = (outputs - inputs) / 2

        x
        |> Tensor.sliceDim 2 0 x.Shape[2] stride
        |> Tensor.sliceDim 3 0 x.Shape[3] stride
        |> Tensor.padConstant 0.0 [ 0, 0; 0, 0; extra, extra ]

let private block stride inputs outputs =
    Nn.named
        [ "conv1", convolution stride inputs outputs
          "bn1", Nn.batchNorm outputs
          "relu1", Nn.relu
          "conv2", convolution 1 outputs outputs
          "bn2", Nn.batchNorm outputs ]
    |> Nn.residualWith (shortcut stride inputs outputs)
    |> Nn.map Tensor.relu

let private stage stride inputs outputs =
    Nn.sequential [ block stride inputs outputs; block 1 outputs outputs; block 1 outputs outputs ]

/// 272,474 parameters.
let network =
    Nn.named
        [ "conv1", convolution 1 3 16
          "bn1", Nn.batchNorm 16
          "relu1", Nn.relu
          "layer1", stage 1 16 16
          "layer2", stage 2 16 32
          "layer3", stage 2 32 64
          "pool", Nn.func (Tensor.meanOver [ 2; 3 ] false)
          "linear", Nn.linear 64 10 ]

/// Bytes to numbers around 0: by channel, as the network was trained.
let prepare (pictures: Tensor) =
    let column numbers = Tensor.ofSeq numbers |> Tensor.reshape [ 3; 1; 1 ]
    (Tensor.cast Float32 pictures / 255.0 - column [ 0.485; 0.456; 0.406 ]) / column [ 0.229; 0.224; 0.225 ]

/// The network with the checkpoint's parameters and running statistics.
let pretrained data : Snapshot =
    let path = Data.file data [ "checkpoints"; "legacy"; "akamaster_resnet20-12fca82f.th" ]

    let parameters, state =
        StateDict.load path
        |> StateDict.under "state_dict.module"
        |> StateDict.intoNetwork (network.Init(Random.key 0))

    { Parameters = parameters
      State = state
      OptimizerState = Tree.empty
      Key = Random.key 0
      Epoch = 0 }

/// How many of the pictures the network takes for what they are, and how many there are.
let score data =
    let pictures = Data.pictures data
    let answers = pretrained data |> Trainer.predict network prepare pictures.Inputs |> Tensor.argmaxDim 1 false
    let right = Tensor.eq answers pictures.Targets |> Tensor.sum |> Tensor.item
    int right, pictures.Targets.Shape[0]
