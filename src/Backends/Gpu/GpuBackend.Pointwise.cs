namespace Functional.Gpu;

public sealed partial class GpuBackend
{
    /// <inheritdoc/>
    public void Pointwise(Program? program, int[] shape, View[] inputs, Scalar[] parameters, Buffer?[] outputs)
    {
        ArgumentNullException.ThrowIfNull(program);
        var places = new OutputPlace[outputs.Length];
        Array.Fill(places, new OutputPlace(1, 0));
        if (PlanesModule.areNeeded(program))
        {
            Planes planes = PlanesOf(program);
            places = Array.ConvertAll(planes.Outputs, plane => new OutputPlace(DtypeModule.isComplex(program.Results[plane.Source]) ? 2 : 1, plane.Part));
            outputs = Array.ConvertAll(planes.Outputs, plane => outputs[plane.Source]);
            inputs = planes.Views(inputs);
            parameters = planes.Numbers(parameters);
            program = planes.Program!;
        }
        AccessPattern pattern = AccessPattern.Of(shape, inputs);
        if (pattern.Count == 0)
            return;
        ProgramCompiler.Stored(program, pattern, places).Start(Kernels, "pointwise", Call(program, pattern, inputs, outputs, parameters));
    }

    /// <summary>A program over complex numbers taken apart, once.</summary>
    private static Planes PlanesOf(Program program) => PlanesByProgram.GetValue(program, PlanesModule.ofProgram);

    private static readonly System.Runtime.CompilerServices.ConditionalWeakTable<Program, Planes> PlanesByProgram = [];

    private ProgramCall Call(Program program, AccessPattern pattern, View[] inputs, Buffer?[] outputs, Scalar[] parameters) => new(
        pattern,
        Array.ConvertAll(inputs, view => Own(view.Buffer)),
        Array.ConvertAll(inputs, view => view.Offset),
        Array.ConvertAll(outputs, Own),
        parameters,
        ProgramCompiler.MayFault(program) ? context.Faults.ForDivision() : default);
}
