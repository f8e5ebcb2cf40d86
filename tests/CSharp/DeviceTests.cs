namespace Functional.Torch.Tests;

using Functional.Contract;
using Functional.Torch.Modules;
using static Functional.Torch.torch;
using static Functional.Torch.torch.nn;
using Tensor = Functional.Torch.torch.Tensor;

/// <summary>Tensors on several devices, of which some only pretend to be others.</summary>
public static class DeviceTests
{
    const string Mixed = "Expected all tensors to be on the same device, but found at least two devices, ";

    /// <summary>What a piece of code transfers to and from the second device.</summary>
    static (int Up, int Down) Transfers(Action run, int device = 0)
    {
        var card = SecondDevices.Of(device);
        var (up, down) = (card.Uploads, card.Downloads);
        run();
        return (card.Uploads - up, card.Downloads - down);
    }

    // H526 H528 H530 H531 H532 H533
    public static void WithoutACardTorchCudaAnswersAsPyTorch()
    {
        if (torch.cuda.is_available()) throw new SkipException("there is a card here");
        Check.Equal(0, torch.cuda.device_count());
        Check.Equal(0, torch.cuda.memory_allocated());
        Check.Equal(0, torch.cuda.max_memory_allocated());
        Check.Equal(0, torch.cuda.memory_stats().Count);
        torch.cuda.empty_cache();
        torch.cuda.set_device(-1);
        using (torch.cuda.device(-1)) { }
        using (torch.cuda.device_of(torch.ones(2))) { }
        using (torch.cuda.stream(null)) { }
        const string missing = "Torch not compiled with CUDA enabled";
        Check.Throws<DeviceException>(() => torch.cuda.current_device(), missing);
        Check.Throws<DeviceException>(() => torch.cuda.synchronize(), missing);
        Check.Throws<DeviceException>(() => torch.cuda.set_device(0), missing);
        Check.Throws<DeviceException>(() => _ = new torch.cuda.Stream(), missing);
        Check.Throws<DeviceException>(() => torch.zeros([2], device: "cuda"), missing);
        Check.Throws<DeviceException>(() => torch.ones(2).cuda(), missing);
        Check.Throws<DeviceException>(() => Linear(2, 2).cuda(), missing);
        Check.True(torch.backends.explanation().Contains("cpu: built in"));
    }

    public static void MasksAreWrittenThroughWithoutReadingThem()
    {
        using var cards = SecondDevices.Present();
        var there = torch.arange(6.0f).reshape(2, 3).to("cuda:0");
        var (large, second) = (there > 3.5, torch.tensor(new[] { false, true }).to("cuda:0"));
        Check.Equal((0, 0), Transfers(() =>
        {
            there[TensorIndex.Tensor(large)] = torch.tensor(7.0f);
            there.clone()[TensorIndex.Tensor(second)] = torch.tensor(-1.0f);
        }));
        Check.SequenceEqual([0f, 1f, 2f, 3f, 7f, 7f], there.cpu().data<float>());
        there[TensorIndex.Tensor(second.to(ScalarType.Byte))] = torch.full([1, 1], -1.0f).to("cuda:0");
        Check.SequenceEqual([0f, 1f, 2f, -1f, -1f, -1f], there.cpu().data<float>());

        var written = torch.tensor(5.0f, requires_grad: true);
        var point = torch.arange(4.0f).requires_grad_();
        var copy = point * 2;
        copy[TensorIndex.Tensor(point > 1.5)] = written;
        (copy * copy).sum().backward();
        Check.SequenceEqual([0f, 8f, 0f, 0f], point.grad!.data<float>());
        Check.Equal(20f, written.grad!.item<float>());
    }

    // H524 H528
    public static void TensorsMoveAndSayWhereTheyAre()
    {
        using var cards = SecondDevices.Present();
        Check.Equal(2, torch.cuda.device_count());
        var here = torch.arange(6.0f).reshape(2, 3);
        var there = here.to("cuda:1");
        Check.Equal("cuda:1", there.device.ToString());
        Check.True(there.is_cuda && !there.is_cpu && !here.is_cuda);
        Check.Equal(1, torch.get_device(there));
        Check.Equal(-1, torch.get_device(here));
        Check.Equal("cuda:0", here.cuda().device.ToString());
        Check.True(ReferenceEquals(there, there.to("cuda:1")));
        Check.SequenceEqual(here.data<float>(), there.cpu().data<float>());
        Check.Equal("cpu", there.cpu().device.ToString());
        Check.Equal("torch.cuda.FloatTensor", there.type());
        // Views, results and gradients stay where their source is.
        Check.Equal("cuda:1", (there.t() * 2).sum(0).device.ToString());
        var view = there[1];
        view.fill_(9);
        Check.SequenceEqual([0f, 1, 2, 9, 9, 9], there.cpu().data<float>());
        here.copy_(there);
        Check.Equal(9.0f, here[1, 1].ToSingle());
        Check.Throws<DeviceException>(() => here.to("cuda:2"), "invalid device ordinal");
        Check.Throws<DeviceException>(() => torch.device("tpu"), "Expected one of cpu, cuda");
    }

    public static void TensorsOfTwoDevicesDoNotMix()
    {
        using var cards = SecondDevices.Present();
        Tensor here = torch.ones(2, 2), there = torch.ones(2, 2).cuda(), other = torch.ones(2, 2).cuda(1);
        Check.Throws<DeviceException>(() => _ = there + here, Mixed + "cuda:0 and cpu!");
        Check.Throws<DeviceException>(() => _ = here * there, Mixed + "cpu and cuda:0!");
        Check.Throws<DeviceException>(() => there.matmul(here), Mixed + "cuda:0 and cpu!");
        Check.Throws<DeviceException>(() => torch.cat([there, other]), Mixed + "cuda:0 and cuda:1!");
        Check.Throws<DeviceException>(() => Linear(2, 2).cuda().call(here), Mixed);
        Check.Throws<DeviceException>(() => _ = there + torch.ones(1), Mixed + "cuda:0 and cpu!");
    }

    public static void NumbersOfTheProcessorMixWithEveryDevice()
    {
        using var cards = SecondDevices.Present();
        var there = torch.ones(2, 3).cuda();
        var factor = torch.tensor(3.0f).requires_grad_();
        Tensor product = there;
        // A number becomes a parameter of a kernel; nothing is uploaded.
        Check.Equal((0, 0), Transfers(() => product = there * factor));
        Check.Equal("cuda:0", product.device.ToString());
        product.sum().backward();
        Check.Equal("cpu", factor.grad!.device.ToString());
        Check.Equal(6.0f, factor.grad.ToSingle());
        Check.Equal("cuda:0", torch.where(there > 0, there, torch.tensor(0.0f)).device.ToString());
        Check.Equal("cuda:0", (torch.tensor(1.0f) - there).device.ToString());
    }

    public static void FactoriesTakeADevice()
    {
        using var cards = SecondDevices.Present();
        Tensor[] made =
        [
            torch.zeros([2], device: "cuda"), torch.ones([2], device: "cuda"), torch.empty([2], device: "cuda"),
            torch.full([2], 3, device: "cuda"), torch.arange(3, device: "cuda"), torch.linspace(0, 1, 3, device: "cuda"),
            torch.logspace(0, 1, 3, device: "cuda"), torch.eye(2, device: "cuda"), torch.rand([2], device: "cuda"),
            torch.randn([2], device: "cuda"), torch.randint(5, [2], device: "cuda"), torch.randperm(4, device: "cuda"),
            torch.tensor(new[] { 1f, 2f }, device: "cuda"), torch.tensor(2f, device: "cuda"), torch.hann_window(4, device: "cuda"),
            torch.tril_indices(3, 3, device: "cuda"), torch.fft.fftfreq(4, device: "cuda"),
            torch.zeros_like(torch.ones(2).cuda()), torch.rand_like(torch.ones(2).cuda()), torch.ones(2).cuda().new_zeros(3),
            torch.as_tensor(torch.ones(2), device: "cuda"), torch.normal(0, 1, [2], device: "cuda"),
        ];
        foreach (var tensor in made) Check.Equal("cuda:0", tensor.device.ToString());
        Check.SequenceEqual([0f, 0.5f, 1], torch.linspace(0, 1, 3, device: "cuda").cpu().data<float>());
        Check.Equal("cuda:0", made[0].uniform_().device.ToString());
        Check.Equal("cpu", torch.ones_like(made[0], device: "cpu").device.ToString());
        Module[] modules = [Linear(2, 2, device: "cuda"), Embedding(3, 2, device: "cuda"), LSTM(2, 2, device: "cuda"), PReLU(device: "cuda")];
        foreach (var module in modules)
            foreach (var parameter in module.parameters()) Check.Equal("cuda:0", parameter.device.ToString());
    }

    public static void TheDefaultDeviceCanBeSet()
    {
        using var cards = SecondDevices.Present();
        try
        {
            torch.set_default_device("cuda:1");
            Check.Equal("cuda:1", torch.ones(2).device.ToString());
            Check.Equal("cuda:1", torch.get_default_device().ToString());
            Check.Equal("cpu", torch.ones([2], device: "cpu").device.ToString());
        }
        finally
        {
            torch.set_default_device("cpu");
        }
        Check.Equal("cpu", torch.ones(2).device.ToString());
    }

    // H526 H527 H529 H531
    public static void TheCurrentCardIsScoped()
    {
        using var cards = SecondDevices.Present();
        Check.Equal(0, torch.cuda.current_device());
        using (torch.cuda.device(1))
        {
            Check.Equal(1, torch.cuda.current_device());
            Check.Equal("cuda:1", torch.ones([2], device: "cuda").device.ToString());
            using (torch.cuda.device(-1)) Check.Equal(1, torch.cuda.current_device());
        }
        Check.Equal(0, torch.cuda.current_device());
        using (torch.cuda.device_of(torch.ones([2], device: "cuda:1"))) Check.Equal(1, torch.cuda.current_device());
        using (torch.cuda.device_of(torch.ones([2], device: "cuda:1").storage())) Check.Equal(1, torch.cuda.current_device());
        using (torch.cuda.device_of(torch.ones(2))) Check.Equal(0, torch.cuda.current_device());
        torch.cuda.set_device(1);
        Check.Equal(1, torch.cuda.current_device());
        torch.cuda.set_device(0);
        Check.Throws<DeviceException>(() => torch.cuda.set_device(5), "CUDA error: invalid device ordinal");
    }

    // H525 H532 H533 H538
    public static void StreamsAreSelectedAndRestored()
    {
        using var cards = SecondDevices.Present();
        var first = torch.cuda.current_stream();
        using var stream = new torch.cuda.Stream("cuda:1");
        using (torch.cuda.stream(stream))
        {
            Check.Equal(1, torch.cuda.current_device());
            Check.True(torch.cuda.current_stream().Equals(stream));
        }
        Check.True(torch.cuda.current_stream().Equals(first));
        Check.True(stream.query());
        stream.wait_stream(first);
        stream.synchronize();
        var waits = SecondDevices.Of(0).Waits;
        torch.cuda.synchronize();
        Check.Equal(waits + 1, SecondDevices.Of(0).Waits);
        Check.Equal((nint)42, torch.cuda.current_blas_handle());
        Check.Equal("Second device", torch.cuda.get_device_name());
        Check.True(torch.cuda.memory_allocated() > 0 && torch.cuda.mem_get_info().total == 1L << 30);
    }

    sealed class Net : Module<Tensor, Tensor>
    {
        readonly Module<Tensor, Tensor> first = Linear(4, 8), last = Linear(8, 2), norm = BatchNorm1d(8);
        public Net() : base("Net") => RegisterComponents();
        public override Tensor forward(Tensor input) => last.call(functional.relu(norm.call(first.call(input))));
    }

    /// <summary>Some training steps; the parameters after them.</summary>
    static float[] Trained(Net net, string device, Tensor input, Tensor target)
    {
        net.to(device);
        var (x, y) = (input.to(device), target.to(device));
        var optimizer = optim.Adam(net.parameters(), lr: 0.01);
        void Step()
        {
            optimizer.zero_grad();
            functional.mse_loss(net.call(x), y).backward();
            optimizer.step();
        }
        Step();
        // A step on a device asks the processor for nothing and gives it nothing.
        if (device != "cpu") Check.Equal((0, 0), Transfers(() => { Step(); Step(); }));
        else for (var i = 0; i < 2; i++) Step();
        foreach (var parameter in net.parameters()) Check.Equal(torch.device(device).ToString(), parameter.grad!.device.ToString());
        return [.. net.parameters().SelectMany(p => p.detach().cpu().data<float>().ToArray())];
    }

    public static void AModuleTrainsOnADeviceWithoutTransfers()
    {
        using var cards = SecondDevices.Present();
        torch.manual_seed(1);
        Tensor input = torch.randn(5, 4), target = torch.randn(5, 2);
        var net = new Net();
        var twin = net.deepcopy();
        Check.SequenceEqual(Trained(net, "cpu", input, target), Trained(twin, "cuda:0", input, target));
        Check.Equal("cuda:0", twin.buffers().First().device.ToString());
        Check.Equal("cpu", twin.cpu().parameters().First().device.ToString());
    }

    public static void StateOfOptimizersLivesWithTheParameters()
    {
        using var cards = SecondDevices.Present();
        var net = Linear(2, 2).to("cuda:1");
        var optimizer = optim.Adam(net.parameters());
        net.call(torch.ones([1, 2], device: "cuda:1")).sum().backward();
        optimizer.step();
        var saved = new MemoryStream();
        torch.save(optimizer.state_dict(), saved);
        saved.Position = 0;
        var again = optim.Adam(net.parameters());
        again.load_state_dict((IDictionary<string, object>)torch.load(saved)!);
        again.step();
        Check.Equal("cuda:1", net.parameters().First().device.ToString());
    }

    public static void FilesLoadOntoADevice()
    {
        using var cards = SecondDevices.Present();
        var file = new MemoryStream();
        torch.save(torch.ones([3], device: "cuda:0"), file);
        file.Position = 0;
        Check.Equal("cpu", ((Tensor)torch.load(file)!).device.ToString());
        file.Position = 0;
        var there = (Tensor)torch.load(file, map_location: "cuda:1")!;
        Check.Equal("cuda:1", there.device.ToString());
        Check.SequenceEqual([1f, 1, 1], there.cpu().data<float>());
    }

    // H534 H535 H536 H537
    public static void CommunicationBetweenCards()
    {
        using var cards = SecondDevices.Present();
        var source = torch.arange(6.0f, device: "cuda:0").reshape(3, 2);
        var copies = torch.cuda.comm.broadcast(source, [0, 1]);
        Check.True(ReferenceEquals(source, copies[0]));
        Check.Equal("cuda:1", copies[1].device.ToString());
        var sum = torch.cuda.comm.reduce_add(copies, destination: 1);
        Check.Equal("cuda:1", sum.device.ToString());
        Check.SequenceEqual([0f, 2, 4, 6, 8, 10], sum.cpu().data<float>());
        var parts = torch.cuda.comm.scatter(source, [0, 1]);
        Check.SequenceEqual([2L, 1], parts.Select(p => p.size(0)));
        Check.SequenceEqual(["cuda:0", "cuda:1"], parts.Select(p => p.device.ToString()));
        Check.SequenceEqual([1L, 2], torch.cuda.comm.scatter(source, [0, 1], chunk_sizes: [1, 2]).Select(p => p.size(0)));
        Check.SequenceEqual(source.cpu().data<float>(), torch.cuda.comm.gather(parts, destination: -1).data<float>());
        Check.Equal("cuda:0", torch.cuda.comm.gather(parts).device.ToString());
        Check.Throws<DeviceException>(() => torch.cuda.comm.reduce_add([torch.ones(2)]), "reduce_add expects all inputs to be on GPUs");
        Check.Throws<ArgumentValueException>(() => torch.cuda.comm.scatter(source, [0, 1], [3]), "Expected devices and chunk_sizes to be of same length");
        Check.Throws<ShapeException>(() => torch.cuda.comm.reduce_add([source, source[0]]), "input 1 has invalid size");
    }

    public static void GradientsComeBackFromOtherDevices()
    {
        using var cards = SecondDevices.Present();
        var x = torch.ones(4).requires_grad_();
        var parts = torch.cuda.comm.scatter(x, [0, 1]);
        (parts[0].square().sum() + (parts[1] * 3).sum().to("cuda:0")).backward();
        Check.Equal("cpu", x.grad!.device.ToString());
        Check.SequenceEqual([2f, 2, 3, 3], x.grad.data<float>());
    }

    public static void DataParallelIsTheModuleOverDevices()
    {
        using var cards = SecondDevices.Present();
        torch.manual_seed(2);
        var net = Linear(3, 2).to("cuda:0");
        var parallel = DataParallel(net, [0, 1]);
        var input = torch.randn([5, 3], device: "cuda:0");
        var alone = net.call(input);
        alone.square().sum().backward();
        var expected = net.weight.grad!.cpu().data<float>().ToArray();
        net.zero_grad();
        var together = parallel.call(input);
        Check.Equal("cuda:0", together.device.ToString());
        Check.Close(alone.cpu().data<float>().Select(v => (double)v), together.cpu().data<float>().Select(v => (double)v));
        together.square().sum().backward();
        Check.Close(expected.Select(v => (double)v), net.weight.grad!.cpu().data<float>().Select(v => (double)v), 1e-5);
        Check.True(Transfers(() => parallel.call(input), 1).Up > 0);
        Check.Throws<DeviceException>(() => DataParallel(Linear(3, 2), [0, 1]).call(input), "module must have its parameters and buffers on device cuda:0 (device_ids[0])");
    }
}
