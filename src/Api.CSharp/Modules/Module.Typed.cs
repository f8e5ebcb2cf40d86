namespace Functional.Torch;

public static partial class torch
{
    public static partial class nn
    {
        /// <summary>A module that makes something of one thing.</summary>
        public abstract class Module<T, TResult>(string name = "") : Module(name)
        {
            /// <summary>What the module computes.</summary>
            public abstract TResult forward(T input);

            /// <summary>What the module computes, with its hooks.</summary>
            public TResult call(T input) => IsHooked ? Hooked([input], a => forward((T)a[0]!)) : forward(input);

            /// <summary>Calls a function after each forward with module, input and result; what it returns, if anything, replaces the result.</summary>
            public HookHandle register_forward_hook(Func<Module<T, TResult>, T, TResult, TResult?> hook) =>
                register_forward_hook((Module m, object?[] arguments, object? result) => hook((Module<T, TResult>)m, (T)arguments[0]!, (TResult)result!));

            /// <summary>Calls a function before each forward with module and input; what it returns, if anything, replaces the input.</summary>
            public HookHandle register_forward_pre_hook(Func<Module<T, TResult>, T, T?> hook) =>
                register_forward_pre_hook((Module m, object?[] arguments) => hook((Module<T, TResult>)m, (T)arguments[0]!) is { } next ? [next] : null);
        }

        /// <summary>A module that makes something of two things.</summary>
        public abstract class Module<T1, T2, TResult>(string name = "") : Module(name)
        {
            /// <summary>What the module computes.</summary>
            public abstract TResult forward(T1 input1, T2 input2);

            /// <summary>What the module computes, with its hooks.</summary>
            public TResult call(T1 input1, T2 input2) =>
                IsHooked ? Hooked([input1, input2], a => forward((T1)a[0]!, (T2)a[1]!)) : forward(input1, input2);

            /// <summary>Calls a function after each forward with module, inputs and result; what it returns, if anything, replaces the result.</summary>
            public HookHandle register_forward_hook(Func<Module<T1, T2, TResult>, T1, T2, TResult, TResult?> hook) =>
                register_forward_hook((Module m, object?[] a, object? result) => hook((Module<T1, T2, TResult>)m, (T1)a[0]!, (T2)a[1]!, (TResult)result!));

            /// <summary>Calls a function before each forward with module and inputs; what it returns, if anything, replaces the inputs.</summary>
            public HookHandle register_forward_pre_hook(Func<Module<T1, T2, TResult>, T1, T2, (T1, T2)?> hook) =>
                register_forward_pre_hook((Module m, object?[] a) => hook((Module<T1, T2, TResult>)m, (T1)a[0]!, (T2)a[1]!) is var (next1, next2) ? [next1, next2] : null);
        }

        /// <summary>A module that makes something of three things.</summary>
        public abstract class Module<T1, T2, T3, TResult>(string name = "") : Module(name)
        {
            /// <summary>What the module computes.</summary>
            public abstract TResult forward(T1 input1, T2 input2, T3 input3);

            /// <summary>What the module computes, with its hooks.</summary>
            public TResult call(T1 input1, T2 input2, T3 input3) =>
                IsHooked ? Hooked([input1, input2, input3], a => forward((T1)a[0]!, (T2)a[1]!, (T3)a[2]!)) : forward(input1, input2, input3);
        }

        /// <summary>A module that makes something of four things.</summary>
        public abstract class Module<T1, T2, T3, T4, TResult>(string name = "") : Module(name)
        {
            /// <summary>What the module computes.</summary>
            public abstract TResult forward(T1 input1, T2 input2, T3 input3, T4 input4);

            /// <summary>What the module computes, with its hooks.</summary>
            public TResult call(T1 input1, T2 input2, T3 input3, T4 input4) =>
                IsHooked ? Hooked([input1, input2, input3, input4], a => forward((T1)a[0]!, (T2)a[1]!, (T3)a[2]!, (T4)a[3]!)) : forward(input1, input2, input3, input4);
        }
    }
}
