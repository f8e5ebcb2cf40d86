using Microsoft.FSharp.Core;

namespace Functional.Torch;

// One step of a recurrent network.
public static partial class torch
{
    static CoreTensor[] Cell(RecurrentKind kind, Tensor input, CoreTensor[] state, Tensor w_ih, Tensor w_hh, Tensor? b_ih, Tensor? b_hh)
    {
        static CoreTensor Of(Tensor tensor) => Autocast.As(tensor, "lstm_cell").Core;
        static FSharpOption<CoreTensor>? Bias(Tensor? bias) => bias is null ? null : FSharpOption<CoreTensor>.Some(Of(bias));
        return Recurrent.cell(kind, new RecurrentWeights(Of(w_ih), Of(w_hh), Bias(b_ih), Bias(b_hh), null), Of(input), state);
    }

    /// <summary>The next hidden state of a gated recurrent unit.</summary>
    public static Tensor gru_cell(Tensor input, Tensor hx, Tensor w_ih, Tensor w_hh, Tensor? b_ih = null, Tensor? b_hh = null) =>
        new(Cell(RecurrentKind.Gru, input, [Autocast.As(hx).Core], w_ih, w_hh, b_ih, b_hh)[0]);

    /// <summary>The next hidden and cell state of a long short-term memory.</summary>
    public static (Tensor h, Tensor c) lstm_cell(Tensor input, Tensor[] hx, Tensor w_ih, Tensor w_hh, Tensor? b_ih = null, Tensor? b_hh = null)
    {
        var next = Cell(RecurrentKind.Lstm, input, Convert.Cores(Autocast.All(hx)), w_ih, w_hh, b_ih, b_hh);
        return (new(next[0]), new(next[1]));
    }

    /// <summary>The next hidden state of a recurrent network with tanh.</summary>
    public static Tensor rnn_tanh_cell(Tensor input, Tensor hx, Tensor w_ih, Tensor w_hh, Tensor? b_ih = null, Tensor? b_hh = null) =>
        new(Cell(RecurrentKind.TanhRnn, input, [Autocast.As(hx).Core], w_ih, w_hh, b_ih, b_hh)[0]);

    /// <summary>The next hidden state of a recurrent network with max(x, 0).</summary>
    public static Tensor rnn_relu_cell(Tensor input, Tensor hx, Tensor w_ih, Tensor w_hh, Tensor? b_ih = null, Tensor? b_hh = null) =>
        new(Cell(RecurrentKind.ReluRnn, input, [Autocast.As(hx).Core], w_ih, w_hh, b_ih, b_hh)[0]);
}
