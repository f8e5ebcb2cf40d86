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
}
