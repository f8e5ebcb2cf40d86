namespace Functional.Torch;

public static partial class torch
{
    public partial class Tensor
    {
        /// <summary>Sum.</summary>
        public static Tensor operator +(Tensor left, Tensor right) => torch.add(left, right);
        /// <summary>Sum.</summary>
        public static Tensor operator +(Tensor left, Scalar right) => torch.add(left, right);
        /// <summary>Sum.</summary>
        public static Tensor operator +(Scalar left, Tensor right) => torch.add(right, left);
        /// <summary>Difference.</summary>
        public static Tensor operator -(Tensor left, Tensor right) => torch.sub(left, right);
        /// <summary>Difference.</summary>
        public static Tensor operator -(Tensor left, Scalar right) => torch.sub(left, right);
        /// <summary>Difference.</summary>
        public static Tensor operator -(Scalar left, Tensor right) => torch.rsub(right, left);
        /// <summary>Elementwise product.</summary>
        public static Tensor operator *(Tensor left, Tensor right) => torch.mul(left, right);
        /// <summary>Product.</summary>
        public static Tensor operator *(Tensor left, Scalar right) => torch.mul(left, right);
        /// <summary>Product.</summary>
        public static Tensor operator *(Scalar left, Tensor right) => torch.mul(right, left);
        /// <summary>Elementwise quotient.</summary>
        public static Tensor operator /(Tensor left, Tensor right) => torch.div(left, right);
        /// <summary>Quotient.</summary>
        public static Tensor operator /(Tensor left, Scalar right) => torch.div(left, right);
        /// <summary>Quotient.</summary>
        public static Tensor operator /(Scalar left, Tensor right) => Binary(Functions.div, left, new Tensor(Operands.floating(right.Core)));
        /// <summary>Remainder with the sign of the divisor.</summary>
        public static Tensor operator %(Tensor left, Tensor right) => torch.remainder(left, right);
        /// <summary>Remainder with the sign of the divisor.</summary>
        public static Tensor operator %(Tensor left, Scalar right) => torch.remainder(left, right);
        /// <summary>Negation.</summary>
        public static Tensor operator -(Tensor tensor) => torch.neg(tensor);
        /// <summary>The same tensor.</summary>
        public static Tensor operator +(Tensor tensor) => torch.positive(tensor);
        /// <summary>Bitwise inverse of integers, negation of bools.</summary>
        public static Tensor operator ~(Tensor tensor) => torch.bitwise_not(tensor);
        /// <summary>Bitwise and of integers, logical and of bools.</summary>
        public static Tensor operator &(Tensor left, Tensor right) => torch.bitwise_and(left, right);
        /// <summary>Bitwise and.</summary>
        public static Tensor operator &(Tensor left, Scalar right) => torch.bitwise_and(left, right);
        /// <summary>Bitwise and.</summary>
        public static Tensor operator &(Scalar left, Tensor right) => torch.bitwise_and(left, right);
        /// <summary>Bitwise or of integers, logical or of bools.</summary>
        public static Tensor operator |(Tensor left, Tensor right) => torch.bitwise_or(left, right);
        /// <summary>Bitwise or.</summary>
        public static Tensor operator |(Tensor left, Scalar right) => torch.bitwise_or(left, right);
        /// <summary>Bitwise or.</summary>
        public static Tensor operator |(Scalar left, Tensor right) => torch.bitwise_or(left, right);
        /// <summary>Bitwise exclusive or of integers, logical of bools.</summary>
        public static Tensor operator ^(Tensor left, Tensor right) => torch.bitwise_xor(left, right);
        /// <summary>Bitwise exclusive or.</summary>
        public static Tensor operator ^(Tensor left, Scalar right) => torch.bitwise_xor(left, right);
        /// <summary>Bitwise xor.</summary>
        public static Tensor operator ^(Scalar left, Tensor right) => torch.bitwise_xor(left, right);
        /// <summary>Shift to the left.</summary>
        public static Tensor operator <<(Tensor left, Tensor right) => torch.bitwise_left_shift(left, right);
        /// <summary>Shift to the left.</summary>
        public static Tensor operator <<(Tensor left, Scalar right) => torch.bitwise_left_shift(left, right);
        /// <summary>Shift to the right.</summary>
        public static Tensor operator >>(Tensor left, Tensor right) => torch.bitwise_right_shift(left, right);
        /// <summary>Shift to the right.</summary>
        public static Tensor operator >>(Tensor left, Scalar right) => torch.bitwise_right_shift(left, right);
        /// <summary>Elementwise comparison.</summary>
        public static Tensor operator <(Tensor left, Tensor right) => torch.lt(left, right);
        /// <summary>Elementwise comparison.</summary>
        public static Tensor operator <(Tensor left, Scalar right) => torch.lt(left, right);
        /// <summary>Elementwise comparison.</summary>
        public static Tensor operator <(Scalar left, Tensor right) => torch.gt(right, left);
        /// <summary>Elementwise comparison.</summary>
        public static Tensor operator <=(Tensor left, Tensor right) => torch.le(left, right);
        /// <summary>Elementwise comparison.</summary>
        public static Tensor operator <=(Tensor left, Scalar right) => torch.le(left, right);
        /// <summary>Elementwise comparison.</summary>
        public static Tensor operator <=(Scalar left, Tensor right) => torch.ge(right, left);
        /// <summary>Elementwise comparison.</summary>
        public static Tensor operator >(Tensor left, Tensor right) => torch.gt(left, right);
        /// <summary>Elementwise comparison.</summary>
        public static Tensor operator >(Tensor left, Scalar right) => torch.gt(left, right);
        /// <summary>Elementwise comparison.</summary>
        public static Tensor operator >(Scalar left, Tensor right) => torch.lt(right, left);
        /// <summary>Elementwise comparison.</summary>
        public static Tensor operator >=(Tensor left, Tensor right) => torch.ge(left, right);
        /// <summary>Elementwise comparison.</summary>
        public static Tensor operator >=(Tensor left, Scalar right) => torch.ge(left, right);
        /// <summary>Elementwise comparison.</summary>
        public static Tensor operator >=(Scalar left, Tensor right) => torch.le(right, left);
        /// <summary>Elementwise comparison.</summary>
        public static Tensor operator ==(Tensor left, Tensor right) => torch.eq(left, right);
        /// <summary>Elementwise comparison.</summary>
        public static Tensor operator ==(Tensor left, Scalar right) => torch.eq(left, right);
        /// <summary>Elementwise comparison.</summary>
        public static Tensor operator !=(Tensor left, Tensor right) => torch.ne(left, right);
        /// <summary>Elementwise comparison.</summary>
        public static Tensor operator !=(Tensor left, Scalar right) => torch.ne(left, right);

        /// <summary>`other` to the power of this tensor, with `other` as plain data: no derivative goes to it, as in PyTorch.</summary>
        public Tensor __rpow__(Tensor other) => torch.pow(new Tensor(Structure.detach(other.Core)), this);
        /// <summary>A number to the power of each element.</summary>
        public Tensor __rpow__(Scalar other) => torch.pow(other, this);

        /// <summary>The same object.</summary>
        public override bool Equals(object? obj) => ReferenceEquals(this, obj);
        /// <inheritdoc/>
        public override int GetHashCode() => RuntimeHelpers.GetHashCode(this);
    }
}
