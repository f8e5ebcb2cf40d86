using Microsoft.FSharp.Core;

namespace Functional.Torch;

public static partial class torch
{
    public static partial class nn
    {
        /// <summary>Helpers around modules.</summary>
        public static partial class utils
        {
            /// <summary>Sequences of different lengths.</summary>
            public static class rnn
            {
                /// <summary>Sequences of different lengths step by step, longest first.</summary>
                public sealed class PackedSequence
                {
                    internal Packed Core { get; }

                    internal PackedSequence(Packed core)
                    {
                        Core = core;
                        data = new Tensor(core.Data);
                        batch_sizes = tensor(Array.ConvertAll(core.BatchSizes, s => (long)s));
                        if (core.Sorted?.Value is not { } order) return;
                        sorted_indices = tensor(Array.ConvertAll(order, i => (long)i));
                        unsorted_indices = tensor(Array.ConvertAll(PackedModule.inverse(order), i => (long)i));
                    }

                    /// <summary>The elements: [sum of lengths, ...].</summary>
                    public Tensor data { get; }
                    /// <summary>How many sequences have each step.</summary>
                    public Tensor batch_sizes { get; }
                    /// <summary>Where the sequences stood before they were sorted; null if they were sorted already.</summary>
                    public Tensor? sorted_indices { get; }
                    /// <summary>Where the sequences stand now.</summary>
                    public Tensor? unsorted_indices { get; }
                }

                static int[] Lengths(Tensor lengths) => Array.ConvertAll(lengths.to(ScalarType.Int64).data<long>().ToArray(), Convert.Int);

                /// <summary>Packs [T, N, ...] (or [N, T, ...]) where each sequence has its own length.</summary>
                public static PackedSequence pack_padded_sequence(Tensor input, Tensor lengths, bool batch_first = false, bool enforce_sorted = true) =>
                    new(PackedModule.ofPadded(Lengths(lengths), batch_first, enforce_sorted, input.Core));

                /// <inheritdoc cref="pack_padded_sequence(Tensor, Tensor, bool, bool)"/>
                public static PackedSequence pack_padded_sequence(Tensor input, long[] lengths, bool batch_first = false, bool enforce_sorted = true) =>
                    new(PackedModule.ofPadded(Convert.Ints(lengths), batch_first, enforce_sorted, input.Core));

                /// <summary>Unpacks to [T, N, ...] (or [N, T, ...]), and gives the lengths.</summary>
                public static (Tensor, Tensor) pad_packed_sequence(PackedSequence sequence, bool batch_first = false, double padding_value = 0.0, long? total_length = null) =>
                    (new(PackedModule.toPadded(batch_first, padding_value, total_length is { } length ? FSharpOption<int>.Some(Convert.Int(length)) : null, sequence.Core)),
                     tensor(Array.ConvertAll(PackedModule.lengths(sequence.Core), l => (long)l)));

                /// <summary>Sequences side by side, padded to the longest.</summary>
                public static Tensor pad_sequence(IEnumerable<Tensor> sequences, bool batch_first = false, double padding_value = 0.0) =>
                    new(PackedModule.padSequences(batch_first, padding_value, Convert.List(sequences)));

                /// <summary>Packs sequences.</summary>
                public static PackedSequence pack_sequence(IEnumerable<Tensor> sequences, bool enforce_sorted = true) =>
                    new(PackedModule.ofSequences(enforce_sorted, Convert.List(sequences)));

                /// <summary>The sequences of padded ones, one by one.</summary>
                public static List<Tensor> unpad_sequence(Tensor padded_sequences, Tensor lengths, bool batch_first = false) =>
                    [.. Lengths(lengths).Select((length, n) => padded_sequences.select(batch_first ? 0 : 1, n).narrow(0, 0, length))];

                /// <summary>The sequences one by one.</summary>
                public static List<Tensor> unpack_sequence(PackedSequence packed_sequences) => [.. Convert.Tensors(PackedModule.toSequences(packed_sequences.Core))];
            }
        }
    }
}
