using System.Collections;

namespace Functional.Torch;

public static partial class torch
{
    public static partial class utils
    {
        public static partial class data
        {
            /// <summary>Stacks examples: tensors of one shape become one tensor with one more dimension in front (PyTorch's default_collate).</summary>
            public static Tensor default_collate(IList<Tensor> batch) => stack(batch);

            /// <summary>Numbers become a tensor of int64.</summary>
            public static Tensor default_collate(IList<long> batch) => tensor(batch.ToArray());

            /// <summary>Numbers become a tensor of float64.</summary>
            public static Tensor default_collate(IList<double> batch) => tensor(batch.ToArray());

            /// <summary>Texts stay as they are.</summary>
            public static IList<string> default_collate(IList<string> batch) => batch;

            /// <summary>Stacks the parts of examples: tensors of one place become one tensor. Raises ShapeException where sizes differ.</summary>
            public static IList<Tensor> default_collate(IList<IList<Tensor>> batch) => [.. Places(batch.Select(e => e.Count), i => stack(batch.Select(e => e[i])))];

            /// <summary>Stacks the parts of examples: tensors of one name become one tensor.</summary>
            public static Dictionary<string, Tensor> default_collate(IList<Dictionary<string, Tensor>> batch) =>
                batch[0].Keys.ToDictionary(name => name, name => stack(batch.Select(e => e[name])));

            /// <summary>
            /// Puts together examples of whatever they are made of. Tensors are stacked; long, int and short give a tensor of int64, double
            /// one of float64, float (NumPy's float32) one of float32 and bool one of bool; arrays of numbers are tensors; texts stay
            /// as they are; dictionaries give one of the same names, and lists and tuples a list of what stands at one place. Raises ShapeException
            /// for lists of different lengths and ArgumentValueException for anything else.
            /// </summary>
            // Arrays of texts or tensors are lists of objects too.
            [OverloadResolutionPriority(-1)]
            public static object default_collate(IList<object> batch) =>
                batch[0] switch
                {
                    Tensor => stack(batch.Cast<Tensor>()),
                    long or int or short => tensor(batch.Select(System.Convert.ToInt64).ToArray()),
                    double => tensor(batch.Cast<double>().ToArray()),
                    float => tensor(batch.Cast<float>().ToArray()),
                    bool => tensor(batch.Cast<bool>().ToArray()),
                    string => batch.Cast<string>().ToList(),
                    Array { Rank: var rank } numbers when rank > 1 || numbers.GetType().GetElementType()!.IsPrimitive => stack(batch.Select(e => as_tensor((Array)e))),
                    IDictionary names => names.Keys.Cast<object>().ToDictionary(name => name, name => default_collate([.. batch.Select(e => ((IDictionary)e)[name]!)])),
                    IList => Joined([.. batch.Select(e => ((IList)e).Cast<object>().ToArray())]),
                    ITuple => Joined([.. batch.Select(e => Enumerable.Range(0, ((ITuple)e).Length).Select(i => ((ITuple)e)[i]!).ToArray())]),
                    var other => throw new ArgumentValueException($"default_collate: batch must contain tensors, numpy arrays, numbers, dicts or lists; found {other.GetType()}: give the loader a collate_fn of your own"),
                };

            static List<object> Joined(object[][] batch) => [.. Places(batch.Select(e => e.Length), i => default_collate([.. batch.Select(e => e[i])]))];

            static IEnumerable<T> Places<T>(IEnumerable<int> sizes, Func<int, T> at)
            {
                int[] all = [.. sizes];
                return all.All(size => size == all[0]) ? Enumerable.Range(0, all[0]).Select(at)
                    : throw new ShapeException($"each element in list of batch should be of equal size (default_collate of lists of {string.Join(", ", all)})");
            }
        }
    }
}
