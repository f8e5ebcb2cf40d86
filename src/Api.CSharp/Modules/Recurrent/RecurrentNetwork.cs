using Microsoft.FSharp.Core;

namespace Functional.Torch.Modules;

using static Functional.Torch.torch;
using PackedSequence = Functional.Torch.torch.nn.utils.rnn.PackedSequence;
using Tensor = Functional.Torch.torch.Tensor;

/// <summary>What RNN, LSTM and GRU share: parameters under PyTorch's names, and the core's recurrent network over them.</summary>
internal sealed class RecurrentNetwork
{
    readonly nn.Module owner;
    readonly RecurrentShape shape;
    readonly Parameter[] parameters;
    readonly double dropout;
    readonly bool batch_first;

    public RecurrentNetwork(nn.Module owner, RecurrentKind kind, long input_size, long hidden_size, long num_layers, bool bias, bool batch_first, double dropout, bool bidirectional, long proj_size, ScalarType? dtype)
    {
        if (dropout is not (>= 0 and <= 1)) throw new ArgumentValueException("dropout should be a number in range [0, 1] representing the probability of an element being zeroed");
        if (proj_size < 0) throw new ArgumentValueException("proj_size should be a positive integer or zero to disable projections");
        if (proj_size >= hidden_size && proj_size > 0) throw new ArgumentValueException("proj_size has to be smaller than hidden_size");
        if (num_layers <= 0) throw new ArgumentValueException("num_layers must be greater than zero");
        (this.owner, this.dropout, this.batch_first) = (owner, dropout, batch_first);
        shape = new(kind, Convert.Int(input_size), Convert.Int(hidden_size), Convert.Int(num_layers), bias, bidirectional, Convert.Int(proj_size));
        parameters = [.. Recurrent.parameters(shape).Select(p => Add(p.Item1, [.. p.Item2.Select(s => (long)s)], dtype))];
        reset_parameters(owner, hidden_size);
    }

    Parameter Add(string name, long[] sizes, ScalarType? dtype)
    {
        var parameter = new Parameter(empty(sizes, dtype));
        owner.register_parameter(name, parameter);
        return parameter;
    }

    /// <summary>PyTorch's first values: uniform within 1 / sqrt(hidden_size).</summary>
    public static void reset_parameters(nn.Module owner, long hidden_size)
    {
        var bound = hidden_size > 0 ? 1 / Math.Sqrt(hidden_size) : 0;
        foreach (var parameter in owner.parameters()) nn.init.uniform_(parameter, -bound, bound);
    }

    // The parameters as they stand in the module now: copying it, or loading into it, may have put others there.
    RecurrentWeights[][] Weights => Recurrent.weights(shape, [.. Autocast.All(owner.parameters(recurse: false), "recurrent").Select(p => p.Core)]);

    FSharpFunc<CoreTensor, CoreTensor> Dropout =>
        FuncConvert.FromFunc<CoreTensor, CoreTensor>(t => dropout > 0 && owner.training ? nn.functional.dropout(new Tensor(t), dropout).Core : t);

    void CheckInput(Tensor input)
    {
        if (input.size(-1) != shape.Inputs) throw new ShapeException($"input.size(-1) must be equal to input_size. Expected {shape.Inputs}, got {input.size(-1)}");
    }

    CoreTensor[] Initial(Tensor[]? given, CoreTensor like, int count)
    {
        if (given is null) return Recurrent.zeroState(shape, like, count);
        CoreTensor[] states = [.. given.Select(g => g.Core)];
        Recurrent.requireState(shape, count, states);
        return states;
    }

    /// <summary>[T, N, inputs] (or [N, T, inputs], or [T, inputs]) to outputs and final states.</summary>
    public (Tensor Output, Tensor[] States) Run(Tensor input, Tensor[]? initial)
    {
        var rank = input.dim();
        if (rank is not (2 or 3)) throw new ShapeException($"{owner.GetName()}: Expected input to be 2-D or 3-D but received {rank}-D tensor");
        var batched = rank == 3;
        if (initial is not null)
            foreach (var state in initial)
                if (state.dim() != rank)
                    throw new ShapeException($"For {(batched ? "batched 3-D" : "unbatched 2-D")} input, hx should also be {rank}-D but got {state.dim()}-D tensor");
        CheckInput(input);
        input = Autocast.As(input, "recurrent");
        initial = initial is null ? null : [.. Autocast.All(initial, "recurrent")];

        var x = batched ? batch_first ? input.transpose(0, 1) : input : input.unsqueeze(1);
        var first = Initial(batched ? initial : initial?.Select(s => s.unsqueeze(1)).ToArray(), x.Core, (int)x.size(1));
        var (rows, states) = Recurrent.sequences(shape.Kind, Dropout, Weights, x.Core, first);
        var output = new Tensor(rows);
        if (batched) return (batch_first ? output.transpose(0, 1) : output, [.. states.Select(s => new Tensor(s))]);
        return (output.squeeze(1), [.. states.Select(s => new Tensor(s).squeeze(1))]);
    }

    /// <summary>Packed sequences to packed outputs and final states.</summary>
    public (PackedSequence Output, Tensor[] States) Run(PackedSequence input, Tensor[]? initial)
    {
        CheckInput(input.data);
        var first = Initial(initial, input.Core.Data, input.Core.BatchSizes[0]);
        var (output, states) = Recurrent.packed(shape.Kind, Dropout, Weights, input.Core, first);
        return (new PackedSequence(output), [.. states.Select(s => new Tensor(s))]);
    }

    public override string ToString()
    {
        List<string> parts = [$"{shape.Inputs}", $"{shape.Hidden}"];
        if (shape.Projection != 0) parts.Add($"proj_size={shape.Projection}");
        if (shape.Layers != 1) parts.Add($"num_layers={shape.Layers}");
        if (!shape.Bias) parts.Add("bias=False");
        if (batch_first) parts.Add("batch_first=True");
        if (dropout != 0) parts.Add($"dropout={dropout}");
        if (shape.Bidirectional) parts.Add("bidirectional=True");
        return string.Join(", ", parts);
    }
}

/// <summary>What the three cells share: parameters under PyTorch's names, and the core's cell over them.</summary>
internal sealed class RecurrentCell
{
    readonly nn.Module owner;
    readonly RecurrentShape shape;

    public RecurrentCell(nn.Module owner, RecurrentKind kind, long input_size, long hidden_size, bool bias, ScalarType? dtype)
    {
        this.owner = owner;
        shape = new(kind, Convert.Int(input_size), Convert.Int(hidden_size), 1, bias, false, 0);
        foreach (var (name, sizes) in Recurrent.parameters(shape))
            owner.register_parameter(name.Replace("_l0", ""), new Parameter(empty([.. sizes.Select(s => (long)s)], dtype)));
        RecurrentNetwork.reset_parameters(owner, hidden_size);
    }

    /// <summary>[N, inputs] (or [inputs]) to the next state.</summary>
    public Tensor[] Run(Tensor input, Tensor[]? state)
    {
        if (input.dim() is not (1 or 2)) throw new ShapeException($"{owner.GetName()}: Expected input to be 1-D or 2-D but received {input.dim()}-D tensor");
        var batched = input.dim() == 2;
        if (input.size(-1) != shape.Inputs) throw new ShapeException($"input has inconsistent input_size: got {input.size(-1)} expected {shape.Inputs}");
        input = Autocast.As(input, "lstm_cell");
        state = state is null ? null : [.. Autocast.All(state, "lstm_cell")];
        var x = batched ? input : input.unsqueeze(0);
        var before = state is null
            ? [.. Recurrent.stateSizes(shape).Select(size => Structure.zeros(x.Core, [(int)x.size(0), size]))]
            : state.Select(s => (batched ? s : s.unsqueeze(0)).Core).ToArray();
        for (var i = 0; i < before.Length; i++)
        {
            if (before[i].Shape.Length != 2 || before[i].Shape[0] != x.size(0)) throw new ShapeException($"Input batch size {x.size(0)} doesn't match hidden{i} batch size {(before[i].Shape.Length > 0 ? before[i].Shape[0] : 0)}");
            if (before[i].Shape[1] != shape.Hidden) throw new ShapeException($"hidden{i} has inconsistent hidden_size: got {before[i].Shape[1]}, expected {shape.Hidden}");
        }
        var weights = Recurrent.weights(shape, [.. Autocast.All(owner.parameters(recurse: false), "lstm_cell").Select(p => p.Core)])[0][0];
        return [.. Recurrent.cell(shape.Kind, weights, x.Core, before).Select(s => batched ? new Tensor(s) : new Tensor(s).squeeze(0))];
    }

    public override string ToString() => $"{shape.Inputs}, {shape.Hidden}{(shape.Bias ? "" : ", bias=False")}{(shape.Kind.IsReluRnn ? ", nonlinearity=relu" : "")}";
}
