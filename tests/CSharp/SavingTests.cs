namespace Functional.Torch.Tests;

using System.IO.Compression;
using static Functional.Torch.torch;
using Tensor = Functional.Torch.torch.Tensor;

/// <summary>What is written as PyTorch's files, and read again (H046, H047).</summary>
public static class SavingTests
{
    static double[] Numbers(Tensor tensor) => [.. tensor.detach().to(ScalarType.Float64).data<double>()];

    static T Back<T>(object? value)
    {
        using var stream = new MemoryStream();
        save(value, stream);
        stream.Position = 0;
        return (T)load(stream)!;
    }

    public static void Values_come_back()
    {
        var weight = rand(2, 3);
        var back = Back<Dictionary<string, object>>(new Dictionary<string, object?>
        {
            ["weight"] = weight,
            ["again"] = weight,
            ["step"] = 3_000_000_000L,
            ["lr"] = 0.1,
            ["name"] = "größer",
            ["on"] = true,
            ["none"] = null,
            ["pair"] = (0.9, 0.999),
            ["list"] = new List<object?> { 1L, -2L, 300L },
            ["kind"] = ScalarType.BFloat16,
        });
        Check.Close(Numbers(weight), Numbers((Tensor)back["weight"]));
        Check.True(ReferenceEquals(back["weight"], back["again"]));
        Check.Equal(3_000_000_000L, (long)back["step"]);
        Check.Equal(0.1, (double)back["lr"]);
        Check.Equal("größer", (string)back["name"]);
        Check.True((bool)back["on"] && back["none"] is null);
        Check.SequenceEqual([0.9, 0.999], ((object?[])back["pair"]).Cast<double>());
        Check.SequenceEqual([1L, -2L, 300L], ((List<object?>)back["list"]).Cast<long>());
        Check.Equal(ScalarType.BFloat16, (ScalarType)back["kind"]);
    }

    public static void Tensors_of_every_dtype_and_shape()
    {
        foreach (var dtype in new[] { ScalarType.Float32, ScalarType.Float64, ScalarType.Float16, ScalarType.BFloat16, ScalarType.Int64, ScalarType.Int32, ScalarType.Byte, ScalarType.Bool })
            foreach (var shape in new long[][] { [], [0], [1], [2, 3], [2, 0, 3] })
            {
                var tensor = arange(6).to(dtype).narrow(0, 0, shape.Aggregate(1L, (a, b) => a * b)).reshape(shape);
                var back = Back<Dictionary<string, Tensor>>(new Dictionary<string, Tensor> { ["t"] = tensor })["t"];
                Check.Equal(dtype, back.dtype);
                Check.SequenceEqual(shape, back.shape);
                Check.Close(Numbers(tensor), Numbers(back));
            }
    }

    public static void Models_and_optimizers_go_on_from_a_file()
    {
        var folder = Directory.CreateTempSubdirectory();
        try
        {
            var path = Path.Combine(folder.FullName, "model.pt");
            nn.Module<Tensor, Tensor> Make() => nn.Sequential(nn.Linear(2, 3), nn.Tanh(), nn.Linear(3, 1));
            var (model, other, x) = (Make(), Make(), randn(4, 2));
            var first = optim.Adam(model.parameters());
            void Step(nn.Module<Tensor, Tensor> m, optim.Optimizer o)
            {
                o.zero_grad();
                m.call(x).square().sum().backward();
                o.step();
            }
            Step(model, first);
            save(new Dictionary<string, object> { ["model"] = model.state_dict(), ["optimizer"] = first.state_dict() }, path);

            var saved = (Dictionary<string, object>)load(path)!;
            other.load_state_dict((Dictionary<string, Tensor>)saved["model"]);
            var second = optim.Adam(other.parameters());
            second.load_state_dict((Dictionary<string, object>)saved["optimizer"]);
            for (var i = 0; i < 3; i++)
            {
                Step(model, first);
                Step(other, second);
            }
            Check.Close(Numbers(model.call(x)), Numbers(other.call(x)), 1e-5);

            model.save(path);
            Check.Close(Numbers(model.call(x)), Numbers(Make().load(path).call(x)), 1e-6);
            Check.Throws<Functional.Contract.ArgumentValueException>(() => save(model, path), "save Sequential's state_dict()");
        }
        finally { folder.Delete(recursive: true); }
    }

    /// <summary>A reader of another make sees the records, and they begin where they may be mapped into memory.</summary>
    public static void Files_are_zip_files_with_aligned_records()
    {
        using var stream = new MemoryStream();
        save(new Dictionary<string, Tensor> { ["a"] = arange(5), ["b"] = ones(3) }, stream);
        stream.Position = 0;
        using var zip = new ZipArchive(stream);
        Check.SequenceEqual(["archive/data.pkl", "archive/byteorder", "archive/data/0", "archive/data/1", "archive/version"], zip.Entries.Select(e => e.FullName));
        Check.SequenceEqual([40L, 12L], zip.Entries.Where(e => e.FullName.Contains("data/")).Select(e => e.Length));
        using var reader = new StreamReader(zip.GetEntry("archive/version")!.Open());
        Check.Equal("3\n", reader.ReadToEnd());
        var bytes = stream.ToArray();
        var place = bytes.AsSpan().IndexOf(System.Runtime.InteropServices.MemoryMarshal.AsBytes<long>([0, 1, 2, 3, 4]));
        Check.Equal(0, place % 64);
    }

    public static void Shared_memory_stays_shared()
    {
        var whole = arange(6).to(ScalarType.Float32).reshape(2, 3);
        foreach (var zip in new[] { true, false })
        {
            using var stream = new MemoryStream();
            save(new Dictionary<string, Tensor> { ["whole"] = whole, ["turned"] = whole.t(), ["row"] = whole[1], ["again"] = whole.detach() }, stream, _use_new_zipfile_serialization: zip);
            Check.True(stream.Length < 2500, "the elements stand once");
            stream.Position = 0;
            var back = (Dictionary<string, Tensor>)load(stream)!;
            Check.True(ReferenceEquals(back["whole"], back["again"]));
            Check.SequenceEqual([1L, 3L], back["turned"].stride());
            back["whole"][1, 2].fill_(10);
            Check.Equal(10.0, back["row"][2].ToDouble());
            Check.Equal(10.0, back["turned"][2, 1].ToDouble());
            Check.Equal(5.0, whole[1, 2].ToDouble());
        }
    }

    public static void Tied_parameters_are_written_once()
    {
        var (first, second) = (nn.Linear(50, 50, bias: false), nn.Linear(50, 50, bias: false));
        second.register_parameter("tied", first.weight);
        using var stream = new MemoryStream();
        save(new Dictionary<string, object> { ["first"] = first.state_dict(), ["second"] = second.state_dict() }, stream);
        Check.True(stream.Length is > 20_000 and < 22_000);
        stream.Position = 0;
        var back = (Dictionary<string, object>)load(stream)!;
        Check.True(ReferenceEquals(((Dictionary<string, Tensor>)back["first"])["weight"], ((Dictionary<string, Tensor>)back["second"])["tied"]));
    }

    public static void Modules_in_every_format() => TemporaryFolder.Use(folder =>
    {
        nn.Module<Tensor, Tensor> Make() => nn.Sequential(nn.Linear(2, 3), nn.BatchNorm1d(3));
        var model = Make();
        model.call(randn(4, 2));
        model.eval();
        var x = randn(4, 2);
        var expected = Numbers(model.call(x));
        void Same(string file)
        {
            var other = Make().load(folder + file);
            other.eval();
            Check.Close(expected, Numbers(other.call(x)), 1e-6);
        }

        model.save(folder + "model.dat");
        save(model.state_dict(), folder + "model.pt");
        save(model.state_dict(), folder + "old.pt", _use_new_zipfile_serialization: false);
        safetensors.save_file(model.state_dict(), folder + "model.safetensors");
        numpy.savez(folder + "model.npz", model.state_dict());
        foreach (var file in new[] { "model.dat", "model.pt", "old.pt", "model.safetensors", "model.npz" }) Same(file);
        Check.SequenceEqual(model.state_dict().Keys.Order(), safetensors.load_file(folder + "model.safetensors").Keys.Order());

        var told = new Dictionary<string, bool>();
        model.save(folder + "part.dat", skip: ["0.weight"]);
        var other = Make();
        var before = Numbers(((Modules.Linear)other.get_submodule("0")).weight);
        Check.Throws<Functional.Contract.ArgumentValueException>(() => other.load(folder + "part.dat"), "Missing key(s) in state_dict: \"0.weight\"");
        other.load(folder + "part.dat", strict: false, loadedParameters: told);
        Check.True(!told["0.weight"] && told["0.bias"]);
        Check.Close(before, Numbers(((Modules.Linear)other.get_submodule("0")).weight));
        other.load(folder + "model.dat", skip: ["0.weight"]);
        Check.Close(before, Numbers(((Modules.Linear)other.get_submodule("0")).weight));
        return 0;
    });

    public static void Arrays_of_NumPy() => TemporaryFolder.Use(folder =>
    {
        var array = arange(6).to(ScalarType.Float16).reshape(2, 3);
        numpy.save(folder + "a.npy", array);
        Check.Equal(ScalarType.Float16, numpy.load(folder + "a.npy").dtype);
        Check.Close(Numbers(array), Numbers((Tensor)load(folder + "a.npy")!));
        numpy.savez(folder + "a.npz", array, array.t());
        Check.Close(Numbers(array.t()), Numbers(numpy.load_npz(folder + "a.npz")["arr_1"]));
        Check.SequenceEqual([3L, 2L], numpy.load_npz(folder + "a.npz")["arr_1"].shape);
        return 0;
    });

    /// <summary>Every optimizer goes on from its state dict, from PyTorch's file and from TorchSharp's as if nothing had happened.</summary>
    public static void Optimizers_go_on_identically() => TemporaryFolder.Use(folder =>
    {
        var kinds = new (string Name, Func<IEnumerable<Tensor>, optim.Optimizer> Make)[]
        {
            ("SGD", p => optim.SGD(p, 0.1, momentum: 0.9)), ("Adam", p => optim.Adam(p, 0.1, amsgrad: true)), ("AdamW", p => optim.AdamW(p, 0.1)),
            ("NAdam", p => optim.NAdam(p)), ("RAdam", p => optim.RAdam(p, 0.1)), ("Adamax", p => optim.Adamax(p)), ("RMSprop", p => optim.RMSprop(p, momentum: 0.5, centered: true)),
            ("Adagrad", p => optim.Adagrad(p, 0.1)), ("Adadelta", p => optim.Adadelta(p)), ("ASGD", p => optim.ASGD(p, 0.1)), ("Rprop", p => optim.Rprop(p)),
        };
        foreach (var (name, make) in kinds)
        {
            Tensor Start(double[] values) => tensor(values).requires_grad_();
            void Step(Tensor p, optim.Optimizer o)
            {
                o.zero_grad();
                (p.pow(4) + p * p * 0.5 - p).sum().backward();
                o.step();
            }
            var first = Start([0.5, -1.5, 2.0]);
            var one = make([first]);
            for (var i = 0; i < 7; i++) Step(first, one);
            var middle = Numbers(first);
            save(one.state_dict(), folder + name + ".pt");
            one.save_state_dict(folder + name + ".dat");
            var memory = one.state_dict();
            var ways = new Action<optim.Optimizer>[]
            {
                o => o.load_state_dict(memory), o => o.load_state_dict((Dictionary<string, object>)load(folder + name + ".pt")!), o => o.load_state_dict(folder + name + ".dat"),
            };
            var others = ways.Select(way =>
            {
                var parameter = Start(middle);
                var other = make([parameter]);
                way(other);
                return (parameter, other);
            }).ToArray();
            for (var i = 0; i < 5; i++) Step(first, one);
            foreach (var (parameter, other) in others)
            {
                for (var i = 0; i < 5; i++) Step(parameter, other);
                Check.SequenceEqual(Numbers(first), Numbers(parameter));
            }
        }
        var plain = optim.Adam([randn(2).requires_grad_()]);
        Check.Throws<Functional.Contract.ArgumentValueException>(() => plain.load_state_dict(folder + "SGD.dat"), "Mismatched optimizer type: expected 'Adam', but found 'SGD'");
        plain.save_state_dict(folder + "new.dat");
        plain.load_state_dict(folder + "new.dat");
        return 0;
    });
}
