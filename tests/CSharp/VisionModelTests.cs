namespace Functional.Torch.Tests;

using Functional.Contract;
using static Functional.Torch.torch;
using Tensor = Functional.Torch.torch.Tensor;

/// <summary>Networks of torchvision.models, small enough for a test.</summary>
public static class VisionModelTests
{
    static Tensor Images(long size = 32) => rand([2, 3, size, size]) * 2 - 1;

    public static void AResNetHasTorchvisionsParts()
    {
        manual_seed(0);
        var model = torchvision.models.resnet18(num_classes: 7);
        model.eval();
        var state = model.state_dict();
        Check.Equal(122, state.Count);
        Check.SequenceEqual(["conv1.weight", "bn1.weight", "bn1.bias"], state.Keys.Take(3));
        Check.SequenceEqual(["fc.weight", "fc.bias"], state.Keys.TakeLast(2));
        Check.True(state.ContainsKey("layer2.0.downsample.1.num_batches_tracked"));
        using var _ = no_grad();
        Check.SequenceEqual([2, 7], model.call(Images()).shape);
    }

    public static void AStateDictLoadsIntoAnotherNetwork()
    {
        manual_seed(1);
        var (first, second, images) = (torchvision.models.resnet18(num_classes: 3), torchvision.models.resnet18(num_classes: 3), Images());
        first.eval();
        second.eval();
        using var _ = no_grad();
        var before = first.call(images);
        Check.True(!allclose(before, second.call(images)));
        second.load_state_dict(first.state_dict());
        Check.True(equal(before, second.call(images)));
        first.load_state_dict(first.state_dict());
        Check.True(equal(before, first.call(images)));
    }

    public static void AResNetLearns()
    {
        manual_seed(2);
        var model = torchvision.models.resnet18(num_classes: 2);
        // Of 64 x 64, so that batch norm has more than one number of each example at the end.
        var (images, labels) = (Images(64), tensor(new long[] { 0, 1 }));
        var optimizer = optim.SGD(model.parameters(), lr: 0.001);
        double Loss()
        {
            optimizer.zero_grad();
            var loss = nn.functional.cross_entropy(model.call(images), labels);
            loss.backward();
            return loss.ToDouble();
        }
        var before = Loss();
        for (var step = 0; step < 3; step++)
        {
            optimizer.step();
            Loss();
        }
        Check.True(Loss() < before);
    }

    // H576 and H584, which no golden case covers.
    public static void NetworksHaveThePublishedNumbersOfParameters()
    {
        static long Count(nn.Module model) => model.parameters().Sum(p => p.numel());
        var alexnet = torchvision.models.alexnet();
        Check.Equal(61_100_840, Count(alexnet));
        alexnet.eval();
        using (no_grad()) Check.SequenceEqual([2, 1000], alexnet.call(Images(64)).shape);
        Check.Equal(133_047_848, Count(torchvision.models.vgg13()));
        Check.Equal(5_495_976, Count(torchvision.models.regnet_x_400mf()));
    }

    public static void OptionsOfTheClassAreTaken()
    {
        manual_seed(3);
        var model = torchvision.models.resnet50(num_classes: 4, zero_init_residual: true, replace_stride_with_dilation: [false, true, true]);
        Check.Close(0, model.get_parameter("layer1.0.bn3.weight")!.abs().sum().ToDouble());
        model.eval();
        using var _ = no_grad();
        // 64 / 8: the last two stages keep the image's size, and the last block's kernels stand 4 apart.
        var features = (nn.Module<Tensor, Tensor>)model.get_submodule("layer1");
        Check.SequenceEqual([2, 256, 16, 16], features.call(zeros(2, 64, 16, 16)).shape);
        var last = (nn.Module<Tensor, Tensor>)model.get_submodule("layer4");
        Check.SequenceEqual([1, 2048, 8, 8], last.call(zeros(1, 1024, 8, 8)).shape);
        Check.SequenceEqual([2, 4], model.call(Images(64)).shape);
    }

    public static void TrainedWeightsAreNotDownloaded()
    {
        Check.Throws<ArgumentValueException>(() => torchvision.models.resnet18(pretrained: true));
        Check.Throws<ArgumentValueException>(() => torchvision.models.vgg16(weights: "IMAGENET1K_V1"));
        Check.Throws<ArgumentValueException>(() => torchvision.models.resnext50_32x4d(groups: 2));
        Check.Throws<ArgumentValueException>(() => torchvision.models.resnet18(replace_stride_with_dilation: [true]));
        Check.Throws<ArgumentValueException>(() => torchvision.models.resnet34(width_per_group: 128));
    }

    public static void ATransformerTakesImagesOfItsSizeOnly()
    {
        manual_seed(4);
        var model = torchvision.models.VisionTransformer(image_size: 32, patch_size: 8, num_layers: 1, num_heads: 2, hidden_dim: 16, mlp_dim: 8, num_classes: 5, representation_size: 6,
            conv_stem_configs: [new(out_channels: 4, kernel_size: 3, stride: 4), new(out_channels: 8, kernel_size: 3, stride: 2)]);
        model.eval();
        Check.SequenceEqual([2, 5], model.call(Images()).shape);
        Check.True(model.state_dict().ContainsKey("conv_proj.conv_bn_relu_1.1.running_mean") && model.state_dict().ContainsKey("heads.pre_logits.bias"));
        Check.Throws<ShapeException>(() => model.call(Images(64)));
        Check.Throws<ArgumentValueException>(() => torchvision.models.VisionTransformer(30, 8, 1, 2, 16, 8));
    }

    public static void FeaturesComputedAgainOnTheWayBackGiveTheSameGradients()
    {
        manual_seed(5);
        var model = torchvision.models.DenseNet(growth_rate: 4, block_config: [2, 2], num_init_features: 8, num_classes: 3);
        var thrifty = torchvision.models.DenseNet(growth_rate: 4, block_config: [2, 2], num_init_features: 8, num_classes: 3, memory_efficient: true);
        thrifty.load_state_dict(model.state_dict());
        model.eval();
        thrifty.eval();
        var images = Images();
        model.call(images).sum().backward();
        thrifty.call(images).sum().backward();
        foreach (var (ours, theirs) in model.parameters().Zip(thrifty.parameters())) Check.True(allclose(ours.grad!, theirs.grad!));
    }
}
