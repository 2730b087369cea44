from django.forms import Form, ModelForm


class UserForm(ModelForm):
    class Meta:
        fields = "__all__"  # bad: exposed-model-fields


class NameForm(ModelForm):
    class Meta:
        fields = ["name"]  # ok: exposed-model-fields


class OtherForm(Form):
    class Meta:
        fields = "__all__"  # ok: exposed-model-fields
