using System.Globalization;
using System.Text;

namespace Functional.Torch;

public static partial class torch
{
    /// <summary>How tensors are printed.</summary>
    static class PrintOptions
    {
        public static int Precision = 4, Threshold = 1000, EdgeItems = 3, LineWidth = 80;
        public static bool? Scientific;
    }

    /// <summary>Sets how tensors are printed; "default", "short" and "full" are known profiles.</summary>
    public static void set_printoptions(long? precision = null, long? threshold = null, long? edgeitems = null, long? linewidth = null, string? profile = null, bool? sci_mode = null)
    {
        if (profile is not null)
            (PrintOptions.Precision, PrintOptions.Threshold, PrintOptions.EdgeItems, PrintOptions.LineWidth) = profile switch
            {
                "default" => (4, 1000, 3, 80),
                "short" => (2, 1000, 2, 80),
                "full" => (4, int.MaxValue, 3, 80),
                _ => throw new ArgumentValueException($"unknown profile '{profile}': expected default, short or full"),
            };
        if (precision is { } p) PrintOptions.Precision = (int)p;
        if (threshold is { } t) PrintOptions.Threshold = (int)t;
        if (edgeitems is { } e) PrintOptions.EdgeItems = (int)e;
        if (linewidth is { } w) PrintOptions.LineWidth = (int)w;
        PrintOptions.Scientific = sci_mode;
    }

    /// <summary>Writes numbers in PyTorch's way: all of a tensor with the same number of digits, in columns.</summary>
    sealed class Printer
    {
        readonly Tensor tensor;
        readonly bool summarize;
        readonly Func<long, string> text;
        // Between the beginnings of neighbours, but for the comma and the space.
        readonly int width;

        public Printer(Tensor tensor)
        {
            this.tensor = tensor;
            summarize = tensor.numel() > PrintOptions.Threshold;
            var shown = new List<long>();
            Visit(tensor.shape, 0, 0, shown);

            if (tensor.is_complex())
            {
                var numbers = Elements.Complexes(tensor.Recorded);
                var (re, im) = (Reals(shown.Select(i => numbers[i].Real)), Reals(shown.Select(i => numbers[i].Imaginary)));
                width = re.Width + im.Width + 1;
                text = i =>
                {
                    var imaginary = im.Column(numbers[i].Imaginary).TrimStart();
                    return re.Column(numbers[i].Real) + (imaginary[0] == '-' ? "" : "+") + imaginary + "j";
                };
            }
            else if (tensor.is_floating_point())
            {
                var numbers = Create.toFloat64s(tensor.Recorded);
                var reals = Reals(shown.Select(i => numbers[i]));
                (width, text) = (reals.Width, i => reals.Column(numbers[i]));
            }
            else
            {
                var plain = Plain();
                var columns = new PrintedNumbers(shown.Select(plain));
                (width, text) = (columns.Width, i => columns.Column(plain(i)));
            }
        }

        static PrintedNumbers Reals(IEnumerable<double> shown) => new(shown, PrintOptions.Precision, PrintOptions.Scientific);

        Func<long, string> Plain()
        {
            if (tensor.dtype == ScalarType.Bool)
            {
                var truths = Create.toBools(tensor.Recorded);
                return i => truths[i] ? "True" : "False";
            }
            var integers = Create.toInt64s(tensor.Recorded);
            return i => integers[i].ToString(CultureInfo.InvariantCulture);
        }

        void Visit(long[] shape, int dim, long offset, List<long> shown)
        {
            if (dim == shape.Length)
            {
                shown.Add(offset);
                return;
            }
            var inner = 1L;
            foreach (var s in shape[(dim + 1)..]) inner *= s;
            foreach (var i in Places(shape[dim]))
                if (i >= 0) Visit(shape, dim + 1, offset + i * inner, shown);
        }

        // -1 stands for what is left out.
        IEnumerable<long> Places(long size)
        {
            var edge = PrintOptions.EdgeItems;
            if (!summarize || size <= 2 * edge)
            {
                for (var i = 0L; i < size; i++) yield return i;
                yield break;
            }
            for (var i = 0L; i < edge; i++) yield return i;
            yield return -1;
            for (var i = size - edge; i < size; i++) yield return i;
        }

        string Write(int dim, long offset, int indent)
        {
            var shape = tensor.shape;
            if (dim == shape.Length) return text(offset);
            var inner = 1L;
            foreach (var s in shape[(dim + 1)..]) inner *= s;

            if (dim == shape.Length - 1)
            {
                var perLine = Math.Max(1, (int)Math.Floor((PrintOptions.LineWidth - indent) / (double)(width + 2)));
                var items = Places(shape[dim]).Select(i => i < 0 ? " ..." : text(offset + i)).ToArray();
                var lines = items.Chunk(perLine).Select(line => string.Join(", ", line));
                return "[" + string.Join(",\n" + new string(' ', indent + 1), lines) + "]";
            }

            var between = "," + new string('\n', shape.Length - dim - 1) + new string(' ', indent + 1);
            return "[" + string.Join(between, Places(shape[dim]).Select(i => i < 0 ? "..." : Write(dim + 1, offset + i * inner, indent + 1))) + "]";
        }

        public override string ToString()
        {
            const string prefix = "tensor(";
            var suffixes = new List<string>();
            string body;

            if (tensor.numel() == 0)
            {
                body = "[]";
                if (tensor.dim() != 1) suffixes.Add($"size=({string.Join(", ", tensor.shape)})");
                if (tensor.dtype != get_default_dtype()) suffixes.Add($"dtype=torch.{Dtypes.name(tensor.Recorded.Dtype)}");
            }
            else
            {
                body = Write(0, 0, prefix.Length);
                var standard = get_default_dtype();
                var implied = tensor.dtype == standard || tensor.dtype is ScalarType.Int64 or ScalarType.Bool
                    || tensor.dtype == (standard == ScalarType.Float64 ? ScalarType.ComplexFloat64 : ScalarType.ComplexFloat32);
                if (!implied) suffixes.Add($"dtype=torch.{Dtypes.name(tensor.Recorded.Dtype)}");
            }

            if (tensor.requires_grad)
                suffixes.Add(tensor.is_leaf ? "requires_grad=True" : $"grad_fn=<{History.NameOf(tensor.Recorded)}>");

            // A suffix that does not fit on the last line begins another one.
            var result = new StringBuilder(prefix).Append(body);
            // PyTorch counts two characters more than the line has.
            var last = result.Length - (body.Contains('\n') ? prefix.Length + body.LastIndexOf('\n') : -1) + 1;
            foreach (var suffix in suffixes)
            {
                if (last + suffix.Length + 2 > PrintOptions.LineWidth)
                {
                    result.Append(",\n").Append(' ', prefix.Length).Append(suffix);
                    last = prefix.Length + suffix.Length;
                }
                else
                {
                    result.Append(", ").Append(suffix);
                    last += suffix.Length + 2;
                }
            }
            return result.Append(')').ToString();
        }
    }

    public partial class Tensor
    {
        /// <summary>The tensor as PyTorch prints it.</summary>
        public override string ToString() => new Printer(this).ToString();
        /// <summary>The tensor as PyTorch prints it.</summary>
        public string str() => ToString();

        /// <summary>Writes the tensor to the console.</summary>
        public Tensor print()
        {
            Console.WriteLine(ToString());
            return this;
        }
    }
}
