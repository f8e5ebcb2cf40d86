namespace Functional.Torch.Modules
{
    using static Functional.Torch.torch;
    using PackedSequence = Functional.Torch.torch.nn.utils.rnn.PackedSequence;
    using Tensor = Functional.Torch.torch.Tensor;

    /// <summary>Layers of tanh or relu units over sequences (Elman 1990): outputs of the last layer, and the states at the end.</summary>
    public sealed class RNN : nn.Module<Tensor, Tensor?, (Tensor, Tensor)>
    {
        readonly RecurrentNetwork network;

        internal RNN(long input_size, long hidden_size, long num_layers, string nonlinearity, bool bias, bool batch_first, double dropout, bool bidirectional, ScalarType? dtype) : base("RNN") =>
            network = new(this, KindOf(nonlinearity), input_size, hidden_size, num_layers, bias, batch_first, dropout, bidirectional, 0, dtype);

        internal static RecurrentKind KindOf(string nonlinearity) => nonlinearity switch
        {
            "tanh" => RecurrentKind.TanhRnn,
            "relu" => RecurrentKind.ReluRnn,
            _ => throw new ArgumentValueException($"Unknown nonlinearity '{nonlinearity}': choose 'tanh' or 'relu'"),
        };

        /// <inheritdoc/>
        public override (Tensor, Tensor) forward(Tensor input, Tensor? h0)
        {
            var (output, states) = network.Run(input, h0 is null ? null : [h0]);
            return (output, states[0]);
        }

        /// <summary>From a state of zeros.</summary>
        public (Tensor, Tensor) call(Tensor input) => call(input, null);

        /// <summary>Over packed sequences.</summary>
        public (PackedSequence, Tensor) call(PackedSequence input, Tensor? h0 = null)
        {
            var (output, states) = network.Run(input, h0 is null ? null : [h0]);
            return (output, states[0]);
        }

        /// <inheritdoc/>
        protected override string extra_repr() => network.ToString();
    }

    /// <summary>Layers of long short-term memory over sequences (Hochreiter and Schmidhuber 1997): outputs of the last layer, and hidden and cell states at the end.</summary>
    public sealed class LSTM : nn.Module<Tensor, (Tensor, Tensor)?, (Tensor, Tensor, Tensor)>
    {
        readonly RecurrentNetwork network;

        internal LSTM(long input_size, long hidden_size, long num_layers, bool bias, bool batch_first, double dropout, bool bidirectional, long proj_size, ScalarType? dtype) : base("LSTM") =>
            network = new(this, RecurrentKind.Lstm, input_size, hidden_size, num_layers, bias, batch_first, dropout, bidirectional, proj_size, dtype);

        static Tensor[]? States((Tensor, Tensor)? hx) => hx is var (h0, c0) ? [h0, c0] : null;

        /// <inheritdoc/>
        public override (Tensor, Tensor, Tensor) forward(Tensor input, (Tensor, Tensor)? h0_c0)
        {
            var (output, states) = network.Run(input, States(h0_c0));
            return (output, states[0], states[1]);
        }

        /// <summary>From states of zeros.</summary>
        public (Tensor, Tensor, Tensor) call(Tensor input) => call(input, null);

        /// <summary>Over packed sequences.</summary>
        public (PackedSequence, Tensor, Tensor) call(PackedSequence input, (Tensor, Tensor)? h0_c0 = null)
        {
            var (output, states) = network.Run(input, States(h0_c0));
            return (output, states[0], states[1]);
        }

        /// <inheritdoc/>
        protected override string extra_repr() => network.ToString();
    }

    /// <summary>Layers of gated recurrent units over sequences (Cho et al. 2014): outputs of the last layer, and the states at the end.</summary>
    public sealed class GRU : nn.Module<Tensor, Tensor?, (Tensor, Tensor)>
    {
        readonly RecurrentNetwork network;

        internal GRU(long input_size, long hidden_size, long num_layers, bool bias, bool batch_first, double dropout, bool bidirectional, ScalarType? dtype) : base("GRU") =>
            network = new(this, RecurrentKind.Gru, input_size, hidden_size, num_layers, bias, batch_first, dropout, bidirectional, 0, dtype);

        /// <inheritdoc/>
        public override (Tensor, Tensor) forward(Tensor input, Tensor? h0)
        {
            var (output, states) = network.Run(input, h0 is null ? null : [h0]);
            return (output, states[0]);
        }

        /// <summary>From a state of zeros.</summary>
        public (Tensor, Tensor) call(Tensor input) => call(input, null);

        /// <summary>Over packed sequences.</summary>
        public (PackedSequence, Tensor) call(PackedSequence input, Tensor? h0 = null)
        {
            var (output, states) = network.Run(input, h0 is null ? null : [h0]);
            return (output, states[0]);
        }

        /// <inheritdoc/>
        protected override string extra_repr() => network.ToString();
    }

    /// <summary>One step of tanh or relu units.</summary>
    public sealed class RNNCell : nn.Module<Tensor, Tensor?, Tensor>
    {
        readonly RecurrentCell cell;

        internal RNNCell(long input_size, long hidden_size, bool bias, string nonlinearity, ScalarType? dtype) : base("RNNCell") =>
            cell = new(this, RNN.KindOf(nonlinearity), input_size, hidden_size, bias, dtype);

        /// <inheritdoc/>
        public override Tensor forward(Tensor input, Tensor? hx) => cell.Run(input, hx is null ? null : [hx])[0];

        /// <summary>From a state of zeros.</summary>
        public Tensor call(Tensor input) => call(input, null);

        /// <inheritdoc/>
        protected override string extra_repr() => cell.ToString();
    }

    /// <summary>One step of long short-term memory: the next hidden and cell states.</summary>
    public sealed class LSTMCell : nn.Module<Tensor, (Tensor, Tensor)?, (Tensor, Tensor)>
    {
        readonly RecurrentCell cell;

        internal LSTMCell(long input_size, long hidden_size, bool bias, ScalarType? dtype) : base("LSTMCell") =>
            cell = new(this, RecurrentKind.Lstm, input_size, hidden_size, bias, dtype);

        /// <inheritdoc/>
        public override (Tensor, Tensor) forward(Tensor input, (Tensor, Tensor)? h0_c0)
        {
            var states = cell.Run(input, h0_c0 is var (h, c) ? [h, c] : null);
            return (states[0], states[1]);
        }

        /// <summary>From states of zeros.</summary>
        public (Tensor, Tensor) call(Tensor input) => call(input, null);

        /// <inheritdoc/>
        protected override string extra_repr() => cell.ToString();
    }

    /// <summary>One step of gated recurrent units.</summary>
    public sealed class GRUCell : nn.Module<Tensor, Tensor?, Tensor>
    {
        readonly RecurrentCell cell;

        internal GRUCell(long input_size, long hidden_size, bool bias, ScalarType? dtype) : base("GRUCell") =>
            cell = new(this, RecurrentKind.Gru, input_size, hidden_size, bias, dtype);

        /// <inheritdoc/>
        public override Tensor forward(Tensor input, Tensor? hx) => cell.Run(input, hx is null ? null : [hx])[0];

        /// <summary>From a state of zeros.</summary>
        public Tensor call(Tensor input) => call(input, null);

        /// <inheritdoc/>
        protected override string extra_repr() => cell.ToString();
    }
}

namespace Functional.Torch
{
    using Functional.Torch.Modules;

    public static partial class torch
    {
        public static partial class nn
        {
            /// <summary>Layers of tanh or relu units over sequences.</summary>
            public static RNN RNN(long input_size, long hidden_size, long num_layers = 1, string nonlinearity = "tanh", bool bias = true, bool batch_first = false, double dropout = 0.0, bool bidirectional = false, Device? device = null, ScalarType? dtype = null) =>
                new RNN(input_size, hidden_size, num_layers, nonlinearity, bias, batch_first, dropout, bidirectional, dtype).On(device);
            /// <summary>Layers of long short-term memory over sequences.</summary>
            public static LSTM LSTM(long input_size, long hidden_size, long num_layers = 1, bool bias = true, bool batch_first = false, double dropout = 0.0, bool bidirectional = false, long proj_size = 0, Device? device = null, ScalarType? dtype = null) =>
                new LSTM(input_size, hidden_size, num_layers, bias, batch_first, dropout, bidirectional, proj_size, dtype).On(device);
            /// <summary>Layers of gated recurrent units over sequences.</summary>
            public static GRU GRU(long input_size, long hidden_size, long num_layers = 1, bool bias = true, bool batch_first = false, double dropout = 0.0, bool bidirectional = false, Device? device = null, ScalarType? dtype = null) =>
                new GRU(input_size, hidden_size, num_layers, bias, batch_first, dropout, bidirectional, dtype).On(device);
            /// <summary>One step of tanh or relu units.</summary>
            public static RNNCell RNNCell(long input_size, long hidden_size, bool bias = true, string nonlinearity = "tanh", Device? device = null, ScalarType? dtype = null) => new RNNCell(input_size, hidden_size, bias, nonlinearity, dtype).On(device);
            /// <summary>One step of long short-term memory.</summary>
            public static LSTMCell LSTMCell(long input_size, long hidden_size, bool bias = true, Device? device = null, ScalarType? dtype = null) => new LSTMCell(input_size, hidden_size, bias, dtype).On(device);
            /// <summary>One step of gated recurrent units.</summary>
            public static GRUCell GRUCell(long input_size, long hidden_size, bool bias = true, Device? device = null, ScalarType? dtype = null) => new GRUCell(input_size, hidden_size, bias, dtype).On(device);
        }
    }
}
